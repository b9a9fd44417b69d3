import type { Message, Posted } from "@gatewire/chat";
import { GatewireError } from "gatewire";
import type { ChatSession } from "./session";
import { Timeline } from "./timeline";
import { Typists } from "./typists";

/** A message of ours that has not come back from the room yet. */
export interface Pending {
  readonly tag: string;
  readonly text: string;
  /** Why it was refused; it stays until it is written again or dismissed. */
  error?: string;
}

/** What a room tells the page. */
export interface RoomView {
  appended(messages: readonly Message[]): void;
  prepended(messages: readonly Message[]): void;
  /** The room was read for the first time. */
  entered(): void;
  /** A message was handed to the session. */
  queued(pending: Pending): void;
  pendingChanged(pending: readonly Pending[]): void;
  membersChanged(names: readonly string[]): void;
  typistsChanged(names: readonly string[]): void;
  /** The room cannot be entered or read, in words; `undefined` when it can again. */
  trouble(message: string | undefined): void;
}

/** How long a gap may last before history is asked, in milliseconds: most close by themselves. */
const GAP_PATIENCE = 60;

/** After how long joining is tried again when the server could not do it, in milliseconds. */
const ENTER_AGAIN = 1000;

/** How often others are told that somebody is typing, in milliseconds. */
const TYPING_INTERVAL = 2500;

/** One room, as one person sees it: joined again after each reconnect, and never with a hole. */
export class Room {
  readonly timeline = new Timeline();
  readonly #pending: Pending[] = [];
  readonly #typists: Typists;
  readonly #stops: (() => void)[];
  #patience: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #catchingUp = false;
  #lastTyping = -TYPING_INTERVAL;

  constructor(
    readonly name: string,
    private readonly me: string,
    private readonly session: ChatSession,
    private readonly view: RoomView,
  ) {
    this.#typists = new Typists((names) => view.typistsChanged(names));
    this.#stops = [
      session.on("messagePosted", (message) => this.#posted(message)),
      session.on("presence", ({ room, members }) => {
        if (room === name) view.membersChanged(members);
      }),
      session.on("typing", ({ room, name: typist }) => {
        if (room === name && typist !== me) this.#typists.saw(typist);
      }),
    ];
  }

  /** Joins. Call it each time the session opens: a new socket is in no group yet. */
  async enter(): Promise<void> {
    const after = this.timeline.last;
    const first = after === undefined;
    try {
      const joined = await this.session.send("join", {
        room: this.name,
        ...(first ? {} : { after }),
      });
      this.view.membersChanged(joined.members);
      this.#page(joined.messages);
      if (first) this.view.entered();
      this.view.trouble(undefined);
      if (joined.more) await this.#catchUp(true);
      else this.#checkForGap();
    } catch (error) {
      if (this.session.state !== "open") return; // it will open again, and this is called again
      this.view.trouble(words(error));
      if (error instanceof GatewireError && error.temporary) this.#enterLater();
    }
  }

  /** Writes to the room, however long that takes. The tag makes writing it again harmless. */
  async say(text: string, tag = newTag()): Promise<void> {
    const pending: Pending = { tag, text };
    this.#pending.push(pending);
    this.view.queued(pending);
    this.view.pendingChanged(this.#pending);
    this.#lastTyping = -TYPING_INTERVAL;
    try {
      const posted = await this.#send(text, tag);
      this.timeline.notice(posted.number);
      this.#checkForGap();
    } catch (error) {
      pending.error = words(error);
      this.view.pendingChanged(this.#pending);
    }
  }

  /** Writes a refused message again. */
  retry({ tag, text }: Pending): void {
    this.dismiss(tag);
    void this.say(text, tag);
  }

  /** Takes a message off the page that never reached the room. */
  dismiss(tag: string): void {
    const index = this.#pending.findIndex((pending) => pending.tag === tag);
    if (index < 0) return;
    this.#pending.splice(index, 1);
    this.view.pendingChanged(this.#pending);
  }

  /** Tells the others that we are typing, now and then, and only while there is a connection. */
  typing(now: number): void {
    if (this.session.state !== "open" || now - this.#lastTyping < TYPING_INTERVAL) return;
    this.#lastTyping = now;
    this.session.send("typing", { room: this.name }).catch(ignored);
  }

  /** Reads what came before the first message shown. */
  async earlier(): Promise<void> {
    const before = this.timeline.messages[0]?.number;
    if (before === undefined) return;
    const page = await this.session.send("earlier", { room: this.name, before });
    this.view.prepended(this.timeline.earlier(page.messages));
  }

  /** Stops listening and leaves. */
  leave(): void {
    for (const stop of this.#stops) stop();
    this.#typists.clear();
    clearTimeout(this.#patience);
    clearTimeout(this.#again);
    if (this.session.state === "open") {
      this.session.send("leave", { room: this.name }).catch(ignored);
    }
  }

  /**
   * Sends until there is an answer. `lost` is the session's word for a message that it may not
   * repeat by itself, because the server may have forgotten that it had it; the room has not.
   */
  async #send(text: string, tag: string): Promise<Posted> {
    for (;;) {
      try {
        const message = { room: this.name, text, tag };
        return await this.session.send("sendMessage", message, { timeout: Infinity });
      } catch (error) {
        if (!(error instanceof GatewireError) || error.code !== "lost") throw error;
      }
    }
  }

  #enterLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.enter(), ENTER_AGAIN);
  }

  #posted(message: Message): void {
    if (message.room !== this.name) return;
    this.#typists.stopped(message.author);
    this.#show(this.timeline.event(message));
    this.#checkForGap();
  }

  #page(messages: readonly Message[]): number {
    const fresh = this.timeline.page(messages);
    this.#show(fresh);
    return fresh.length;
  }

  #show(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    for (const { author, tag } of messages) {
      if (author === this.me && tag != null) this.dismiss(tag);
    }
    this.view.appended(messages);
  }

  #checkForGap(): void {
    if (this.timeline.need === "nothing" || this.#patience !== undefined) return;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      if (this.timeline.need === "history") void this.#catchUp(false);
    }, GAP_PATIENCE);
  }

  /** Reads on from the last message until nothing is missing. */
  async #catchUp(more: boolean): Promise<void> {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      while (more || this.timeline.need === "history") {
        const after = this.timeline.last ?? 0;
        const page = await this.session.send("history", { room: this.name, after });
        if (this.#page(page.messages) === 0 && !page.more) break;
        more = page.more;
      }
    } catch (error) {
      if (this.session.state === "open") this.view.trouble(words(error));
    } finally {
      this.#catchingUp = false;
    }
  }
}

/** 128 random bits in hexadecimal; `crypto.randomUUID` is missing on pages without TLS. */
function newTag(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignored(): void {
  // Typing and leaving are courtesies: nobody waits for their answer.
}
