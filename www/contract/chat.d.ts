// Written from the Rust contract `Chat`. Do not edit.
import type { Contract } from "gatewire";

/** Text for a room. */
export interface SendMessage {
  /** The room's name: 1 to 64 characters. */
  room: string;
  /** What to say: 1 to 4,000 characters. */
  text: string;
  /** The page's own mark for the message, at most 64 characters. */
  tag?: string;
}

/** The message is in the room's history. */
export interface Posted {
  /** Its place in the room. */
  number: number;
  /** When the queue took it, in milliseconds since the Unix epoch. */
  sentAt: number;
}

/** Which room to enter, and how far the page has read it. */
export interface Join {
  room: string;
  after?: number;
}

/** You are in the room, and this is what it holds. */
export interface Joined {
  messages: Message[];
  more: boolean;
  members: string[];
}

/** Asks for what follows a message. */
export interface History {
  room: string;
  after: number;
}

/** Asks for what precedes a message. */
export interface Earlier {
  room: string;
  before: number;
}

/** Some messages of a room. */
export interface Page {
  messages: Message[];
  more: boolean;
}

/** Which room to leave. */
export interface Leave {
  room: string;
}

/** Where you are typing. */
export interface Typing {
  room: string;
}

/** One message of a room. */
export interface Message {
  room: string;
  number: number;
  author: string;
  text: string;
  sentAt: number;
  tag?: string;
}

/** Who is in a room, after somebody came or left. */
export interface Presence {
  room: string;
  members: string[];
}

/** Who is typing in a room. */
export interface Typist {
  room: string;
  name: string;
}

export interface ChatActions {
  sendMessage: { data: SendMessage; reply: Posted };
  join: { data: Join; reply: Joined };
  history: { data: History; reply: Page };
  earlier: { data: Earlier; reply: Page };
  leave: { data: Leave; reply: null };
  typing: { data: Typing; reply: null };
}

export interface ChatEvents {
  messagePosted: Message;
  presence: Presence;
  typing: Typist;
}

export declare const chat: Contract<{ actions: ChatActions; events: ChatEvents }>;
