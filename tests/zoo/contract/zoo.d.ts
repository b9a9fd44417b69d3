// Generated from the contract `Zoo`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p zoo-contract

import type { Contract } from "gatewire";

/**
 * Adjacently tagged.
 */
export type Adjacent = { t: "Nowhere" } | { t: "Cage"; c: number };

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
     * An integer of all 64 bits: text on the wire.
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

/** Bytes in base64: `Uint8Array.fromBase64(it)`, `it.toBase64()`. */
export type Bytes = string;

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

/** An integer of 64 bits, in a string: read it with `BigInt(it)`, write it with `` `${it}` ``. */
export type Int64 = `${bigint}`;

/**
 * Internally tagged.
 */
export type Internal = { how: "onFoot" } | { how: "byTrain"; number: number };

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

/** An integer of 64 bits without a sign, in a string: read it with `BigInt(it)`, write it with `` `${it}` ``. */
export type Uint64 = `${bigint}`;

/**
 * Untagged.
 */
export type Untagged = number | string;

export interface ZooActions {
    /**
     * Answers with what it got, and posts the same as an event.
     */
    mirror: { data: Animals; reply: Animals };
    /**
     * Accepts what keeps to its constraints.
     */
    feed: { data: Feed; reply: Fed };
}

export interface ZooEvents {
    /**
     * What somebody sent to [`Zoo::Mirror`].
     */
    seen: Seen;
}

/**
 * What a browser may ask.
 */
export declare const zoo: Contract<{ actions: ZooActions; events: ZooEvents }>;
