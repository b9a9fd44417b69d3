// Generated from the contract `Chat`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p chat-contract

import type { Contract } from "gatewire";

/**
 * Asks for what precedes a message.
 */
export interface Earlier {
    /**
     * The room's name.
     */
    room: string;
    /**
     * The number of the first message the page has.
     */
    before: number;
}

/**
 * Asks for what follows a message.
 */
export interface History {
    /**
     * The room's name.
     */
    room: string;
    /**
     * The number of the last message the page has; 0 for none.
     */
    after: number;
}

/**
 * Which room to enter, and how far the page has read it.
 */
export interface Join {
    /**
     * The room's name: 1 to 64 characters.
     */
    room: string;
    /**
     * The number of the last message the page has, 0 for none: the reply begins with the next
     * one. Absent on a first visit: the reply holds the newest messages.
     */
    after?: number;
}

/**
 * You are in the room, and this is what it holds.
 */
export interface Joined {
    /**
     * In order, without a hole.
     */
    messages: Message[];
    /**
     * Whether there are messages after these: ask for them with [`History`].
     */
    more: boolean;
    /**
     * Who is here, you included, by name.
     */
    members: string[];
}

/**
 * Which room to leave.
 */
export interface Leave {
    /**
     * The room's name.
     */
    room: string;
}

/**
 * One message of a room.
 */
export interface Message {
    /**
     * The room's name.
     */
    room: string;
    /**
     * Its place in the room, from 1.
     */
    number: number;
    /**
     * Who wrote it.
     */
    author: string;
    /**
     * What they wrote.
     */
    text: string;
    /**
     * When the queue took it, in milliseconds since the Unix epoch.
     */
    sentAt: number;
    /**
     * What its sender marked it with.
     */
    tag?: string;
}

/**
 * Some messages of a room.
 */
export interface Page {
    /**
     * In order, without a hole.
     */
    messages: Message[];
    /**
     * Whether there are more in the direction that was asked for.
     */
    more: boolean;
}

/**
 * The message is in the room's history.
 */
export interface Posted {
    /**
     * Its place in the room.
     */
    number: number;
    /**
     * When the queue took it, in milliseconds since the Unix epoch.
     */
    sentAt: number;
}

/**
 * Who is in a room, after somebody came or left.
 */
export interface Presence {
    /**
     * The room's name.
     */
    room: string;
    /**
     * By name, in alphabetical order. Somebody with two pages open is one member.
     */
    members: string[];
}

/**
 * Text for a room.
 */
export interface SendMessage {
    /**
     * The room's name: 1 to 64 characters.
     */
    room: string;
    /**
     * What to say: 1 to 4,000 characters.
     */
    text: string;
    /**
     * The page's own mark for the message, at most 64 characters. It comes back in
     * [`Message::tag`], so that the page knows which of the messages it shows as on their way has
     * arrived. A room keeps what one author sends with one tag once, however often it is sent.
     */
    tag?: string;
}

/**
 * Where you are typing.
 */
export interface Typing {
    /**
     * The room's name.
     */
    room: string;
}

/**
 * Who is typing in a room.
 */
export interface Typist {
    /**
     * The room's name.
     */
    room: string;
    /**
     * By name.
     */
    name: string;
}

export interface ChatActions {
    /**
     * Write to a room. The queue takes the message first: it is on disk before it is accepted.
     */
    sendMessage: { data: SendMessage; reply: Posted };
    /**
     * Enter a room and read what is there. Asking again, after a reconnect, is the same.
     */
    join: { data: Join; reply: Joined };
    /**
     * Read what came after a message: how a page closes a gap.
     */
    history: { data: History; reply: Page };
    /**
     * Read what came before a message: how a page scrolls back.
     */
    earlier: { data: Earlier; reply: Page };
    /**
     * Leave a room. Closing the socket does the same.
     */
    leave: { data: Leave; reply: null };
    /**
     * Say that you are typing.
     */
    typing: { data: Typing; reply: null };
}

export interface ChatEvents {
    /**
     * Somebody wrote.
     */
    messagePosted: Message;
    /**
     * Somebody came or left.
     */
    presence: Presence;
    /**
     * Somebody is typing.
     */
    typing: Typist;
}

/**
 * What a browser may ask. Whoever asks is known from the token, so no payload names its sender.
 */
export declare const chat: Contract<{ actions: ChatActions; events: ChatEvents }>;
