// Generated from the contract `Drill`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p drill

import type { Contract } from "gatewire";

/**
 * The number that was asked for.
 */
export interface Done {
    /**
     * As it came.
     */
    number: number;
}

/**
 * Asks for its number back, by way of the queue.
 */
export interface Keep {
    /**
     * Counted by the page.
     */
    number: number;
    /**
     * The message group.
     */
    lane: string;
}

/**
 * Something to read.
 */
export interface Note {
    /**
     * Who wrote it.
     */
    author: string;
    /**
     * When, in milliseconds since the Unix epoch.
     */
    at: number;
    /**
     * What it is about.
     */
    tags: string[];
    /**
     * What it says.
     */
    text: string;
}

/**
 * One of the numbers.
 */
export interface Tick {
    /**
     * From 1.
     */
    number: number;
}

/**
 * Asks for its number back.
 */
export interface Work {
    /**
     * Counted by the page.
     */
    number: number;
    /**
     * Makes the frame longer, so that it can be torn apart.
     */
    padding: string;
}

export interface DrillActions {
    /**
     * Answered on the connection, out of memory.
     */
    work: { data: Work; reply: Done };
    /**
     * Goes through the queue, which keeps it on disk.
     */
    keep: { data: Keep; reply: Done };
    /**
     * Comes back as it went.
     */
    echo: { data: Note; reply: Note };
}

export interface DrillEvents {
    /**
     * The next number: each is one more than the one before, over restarts as well.
     */
    tick: Tick;
}

/**
 * What a page may ask.
 */
export declare const drill: Contract<{ actions: DrillActions; events: DrillEvents }>;
