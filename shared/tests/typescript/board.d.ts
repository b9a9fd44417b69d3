// Generated from the contract `Board`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p gatewire

import type { Contract } from "gatewire";

/**
 * Who may do what.
 */
export type Access = "read" | "write";

export interface Card {
    shortTitle: string;
    labels: Label[];
    color: `#${string}`;
    "due-at": number;
}

export type Clear = null;

export type ConnectionId = string;

/**
 * Named like a trait of the prelude.
 */
export interface From {
    column: number;
}

export type Label = string;

export interface Moved {
    from: From;
    to: Position;
}

export interface Page<T> {
    items: T[];
    next: Page<T> | null;
}

export interface Person {
    connection: ConnectionId;
    more: Record<string, Value>;
}

/**
 * A card to be put somewhere. *\/
 */
export interface Place {
    /**
     * The card.
     *
     * With its history.
     */
    card: Card;
    note?: string | null;
    near: Position | null;
    /**
     * Who may see it,
     *    as a block comment.
     */
    visible_to: Record<string, Access>;
}

export interface Placed {
    at: [number, Position];
}

export interface Position {
    column: number;
    row: number | null;
}

export type Search = { by: "Text"; text: string } | { by: "Owner"; owner: Person };

export interface Tree {
    children: Tree[];
}

/** Any JSON. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export interface BoardActions {
    /**
     * Put a card on the board.
     */
    place: { data: Place; reply: Placed };
    search: { data: Search; reply: Card[] | null };
    /**
     * Forget it.
     *
     * All of it. *\/ export const gone = true;
     */
    "board/clear": { data: Clear; reply: null };
}

export interface BoardEvents {
    /**
     * A card has moved.
     */
    moved: Moved;
    renamed: Page<Label>;
    tree: Tree;
}

/**
 * What a browser may ask.
 *
 * Second paragraph; this does not end the comment: *\/
 */
export declare const board: Contract<{ actions: BoardActions; events: BoardEvents }>;
