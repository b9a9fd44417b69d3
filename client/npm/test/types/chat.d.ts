import type { Contract } from "gatewire";

export interface SendMessage { room: string; text: string }
export interface Posted { id: number }
export interface Typing { room: string }
export type Day = "monday" | "friday";
export interface Remind { text: string; days: Day[]; place: { room: string } | null; note?: string }
export interface Message { from: string; text: string }
export interface Left { who: string }
export type Int64 = bigint;
export interface Vote { for: Int64 }
export interface Votes { votes: Int64 }

export interface ChatActions {
  /** Post a message to a room. */
  sendMessage: { data: SendMessage; reply: Posted };
  /** Say that you are typing. */
  typing: { data: Typing; reply: null };
  remind: { data: Remind; reply: number };
  vote: { data: Vote; reply: Votes };
}
export interface ChatEvents {
  message: Message;
  left: Left;
}
export declare const chat: Contract<{ actions: ChatActions; events: ChatEvents }>;
