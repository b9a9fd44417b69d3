// Generated from the contract `Zoo`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p zoo-contract

import type { Contract } from "gatewire";

/**
 * Adjacently tagged.
 */
export type Adjacent = { t: "Nowhere" } | { t: "Cage"; c: number };

/**
 * Untagged: the first variant has an integer of 64 bits where the second has a text.
 */
export type Amount = { cents: Int64; agreed: boolean } | { cents: string } | Uint64;

/**
 * One field for each thing that can be said.
 */
export interface Animals {
    /**
     * Yes or no.
     */
    isOpen: boolean;
    /**
     * A small integer.
     */
    tiny: number;
    /**
     * An integer as large as JSON numbers carry exactly.
     */
    large: number;
    /**
     * A negative one.
     */
    deep: number;
    /**
     * An integer of all 64 bits: digits in a string on the wire.
     */
    whole: Int64;
    /**
     * The same, unsigned.
     */
    huge: Uint64;
    /**
     * A moment.
     */
    born: Timestamp;
    /**
     * Bytes.
     */
    picture: Bytes;
    /**
     * A number with a fraction.
     */
    weight: number;
    /**
     * Any text.
     */
    name: string;
    /**
     * One character.
     */
    letter: string;
    /**
     * Nothing.
     */
    nothing: null;
    /**
     * Another name on the wire.
     */
    type: Kind;
    /**
     * Present or `null`.
     */
    nickname: string | null;
    /**
     * Present or left out.
     */
    remark?: string;
    /**
     * Left out when it has its default.
     */
    count?: number;
    /**
     * A struct inside.
     */
    keeper: Keeper;
    /**
     * A list of lists.
     */
    paths: Point[][];
    /**
     * A map from text.
     */
    ages: Record<string, number>;
    /**
     * A map in order.
     */
    cages: Record<string, string[]>;
    /**
     * A tuple.
     */
    pair: [string, number];
    /**
     * A newtype.
     */
    tag: Tag;
    /**
     * An enum with the variant as key.
     */
    external: External;
    /**
     * An enum with the variant in a member.
     */
    internal: Internal;
    /**
     * An enum with variant and content in two members.
     */
    adjacent: Adjacent;
    /**
     * An enum told apart by its content.
     */
    untagged: Untagged;
}

/**
 * What was sent.
 */
export interface Balanced {
    /**
     * The ledger.
     */
    ledger: Ledger;
}

/** Bytes in base64: `Uint8Array.fromBase64(it)`, `it.toBase64()`. */
export type Bytes = string;

/**
 * A newtype of an integer of 64 bits.
 */
export type Cents = Int64;

/**
 * How many were counted.
 */
export type Counted = Uint64;

/**
 * Externally tagged.
 */
export type External = "Asleep" | { Walking: number } | { Between: [string, string] } | { Eating: { food: string } };

/**
 * They are fed.
 */
export interface Fed {
    /**
     * How many of them.
     */
    animals: number;
}

/**
 * What an animal gets.
 */
export interface Feed {
    /**
     * What: 2 to 20 characters.
     */
    food: string;
    /**
     * How much, in kilograms.
     */
    amount: number;
    /**
     * How often a day.
     */
    times: number;
    /**
     * A label: lower-case letters and digits.
     */
    label: string;
    /**
     * For whom: at least one.
     */
    names: string[];
}

/**
 * Adjacently tagged, with integers of 64 bits.
 */
export type Grant = { t: "Yearly"; c: Uint64 } | { t: "Once"; c: { cents: Int64 } };

/** An integer of 64 bits; on the wire its digits in a string. */
export type Int64 = bigint;

/**
 * Internally tagged.
 */
export type Internal = { how: "onFoot" } | { how: "byTrain"; number: number };

/**
 * Internally tagged, with integers of 64 bits.
 */
export type Invoice = { kind: "Open"; cents: Int64 } | { kind: "Noted"; cents: string };

/**
 * Who keeps them.
 */
export interface Keeper {
    /**
     * Their name.
     */
    name: string;
    /**
     * Their shifts.
     */
    shifts?: string[];
}

/**
 * A plain enum.
 */
export type Kind = "mammal" | "song-bird";

/**
 * Integers of 64 bits wherever a value can be.
 */
export interface Ledger {
    /**
     * A newtype of one.
     */
    cents: Cents;
    /**
     * A list of them.
     */
    entries: Int64[];
    /**
     * Perhaps one.
     */
    limit: Uint64 | null;
    /**
     * Perhaps left out.
     */
    reserve?: Int64;
    /**
     * By name, in lists.
     */
    accounts: Record<string, (Int64 | null)[]>;
    /**
     * With others.
     */
    range: [Int64, number, Uint64];
    /**
     * With the variant as key.
     */
    external: Payment[];
    /**
     * With the variant in a member.
     */
    internal: Invoice[];
    /**
     * With variant and content in two members.
     */
    adjacent: Grant[];
    /**
     * Told apart by its content.
     */
    untagged: Amount[];
    /**
     * More of the same.
     */
    next: Self | null;
}

/**
 * Externally tagged, with integers of 64 bits.
 */
export type Payment = "None" | { Cash: Uint64 } | { Split: [Int64, Int64] } | { Card: { cents: Int64 } };

/**
 * A place, as a tuple struct.
 */
export type Point = [number, number];

/**
 * What was sent.
 */
export interface Seen {
    /**
     * The animals.
     */
    animals: Animals;
}

/**
 * A newtype of a text.
 */
export type Tag = string;

/** A moment, in milliseconds since 1970 in UTC: `new Date(it)`, `Date.now()`. */
export type Timestamp = number;

/** An integer of 64 bits without a sign; on the wire its digits in a string. */
export type Uint64 = bigint;

/**
 * Untagged.
 */
export type Untagged = number | string;

/**
 * How many came, ever: an integer of 64 bits is the whole value.
 */
export type Visitors = Uint64;

export interface ZooActions {
    /**
     * Answers with what it got, and posts the same as an event.
     */
    mirror: { data: Animals; reply: Animals };
    /**
     * Accepts what keeps to its constraints.
     */
    feed: { data: Feed; reply: Fed };
    /**
     * Answers with what it got, and posts the same as an event.
     */
    balance: { data: Ledger; reply: Ledger };
    /**
     * Answers with the same number, and posts it as an event.
     */
    count: { data: Visitors; reply: Visitors };
}

export interface ZooEvents {
    /**
     * What somebody sent to [`Zoo::Mirror`].
     */
    seen: Seen;
    /**
     * What somebody sent to [`Zoo::Balance`].
     */
    balanced: Balanced;
    /**
     * What somebody sent to [`Zoo::Count`].
     */
    counted: Counted;
}

/**
 * What a browser may ask.
 */
export declare const zoo: Contract<{ actions: ZooActions; events: ZooEvents }>;
