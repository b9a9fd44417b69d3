/** Has the one session, and tells each tab its part of it. */

import { bytes } from "../../build/wasm.js";
import type { StateChange } from "../../gatewire.d.ts";
import { Input } from "../core.ts";
import { Hook } from "../driver.ts";
import type { FullDriver } from "../full.ts";
import { Sent } from "../sent.ts";
import { whole } from "../whole.ts";
import { whenGone } from "./lock.ts";
import { type Action, inward, type Join, outward, type Status, type ToHub, type ToTab } from "./message.ts";

/** How many events after a takeover are kept for tabs that come late to it. A guess: they come within a second. */
const RECENT = 256;

interface Tab {
  listen: string[];
  trace: boolean;
  readonly sends: Map<number, Sent>;
}

interface Question {
  from?: string;
  answer(token: string | undefined): void;
  refuse(problem: unknown): void;
}

const make = whole(() => new WebAssembly.Module(bytes()));

export class Hub {
  readonly id = crypto.randomUUID();
  /** The one that was seen last is the last. */
  #tabs = new Map<string, Tab>();
  #driver: FullDriver | undefined;
  #era: string | undefined;
  /** The number of the last event. */
  #seen = 0;
  /** The events since a takeover; none without one, or when they were too many. */
  #recent: ToTab[] | undefined;
  /** The number of the last event that tabs are known to have, and the tab that is asked for more. */
  #confirmed = 0;
  #syncing: string | undefined;
  #question: Question | undefined;
  #over = new AbortController();
  #post: (to: string[], message: ToTab) => unknown;
  #forget: (tab: string) => void;

  /** `post` reaches tabs; `forget` is told which never again. */
  constructor(post: (to: string[], message: ToTab) => void, forget: (tab: string) => void = () => {}) {
    this.#post = (to, message) => to.length && post(to, message);
    this.#forget = forget;
  }

  /** A message came. */
  hear(message: ToHub): void {
    const { from } = message;
    try {
      if (message.join) this.#join(from, message.join);
      else if (this.#tabs.has(from)) this.#obey(this.#tabs.get(from)!, message);
      else this.#post([from], { hub: this.id });
    } catch (problem) {
      this.#post([from], { end: outward(problem) });
    }
  }

  /** Gives the session up: the hub that is next goes on with it, unless nobody is left. */
  stop(): void {
    this.#post([...this.#tabs.keys()], { bye: true });
    this.#post = () => {};
    this.#over.abort();
    if (this.#tabs.size < 2) return this.#driver?.close();
    this.#driver?._tell(Input.Suspend);
    this.#driver?._page.abort();
  }

  #join(from: string, join: Join): void {
    const driver = (this.#driver ??= this.#make(join));
    const { listen, trace, era, seen } = join;
    const tab: Tab = { listen, trace, sends: new Map() };
    this.#tabs.set(from, tab);
    if (trace) driver._options.trace = (entry) => this.#post(this.#where((tab) => tab.trace), { trace: entry });
    whenGone(from, this.#over.signal, () => this.#leave(from));
    this.#tell([from], driver, { state: driver.state });
    // Whoever comes late to a takeover gets what the others got.
    if (driver.state !== "open" || era !== this.#era) return;
    if (!this.#recent) this.#post([from], { gap: true });
    for (const event of this.#recent ?? []) {
      if (event.seq! > seen && listensTo(event.event!)(tab)) this.#post([from], event);
    }
  }

  #obey(tab: Tab, { from, listen, send, cancel, connect, wake, token, synced, leave }: ToHub): void {
    if (listen) {
      tab.listen = listen;
      // A hub to come must not tell what was before.
      this.#post([from], { sync: this.#driver!._seen });
    }
    if (send) this.#send(tab, from, send);
    if (cancel) tab.sends.get(cancel)?.cancel();
    if (connect) this.#driver!.connect();
    if (wake) {
      this.#tabs.delete(from);
      this.#tabs.set(from, tab);
      this.#driver!._tell(Input.Wake);
    }
    if (token && this.#question?.from === from) {
      if (token.problem) this.#question.refuse(inward(token.problem));
      else this.#question.answer(token.is);
      this.#question = undefined;
    }
    if (synced !== undefined && this.#syncing === from) {
      this.#confirmed = synced;
      this.#syncing = undefined;
    }
    if (leave) this.#leave(from);
  }

  #leave(from: string): void {
    const tab = this.#tabs.get(from);
    this.#forget(from);
    if (!tab) return;
    this.#tabs.delete(from);
    if (this.#syncing === from) this.#syncing = undefined;
    // Nobody would hear the answer.
    for (const sent of tab.sends.values()) if (sent.state === "queued") sent.cancel();
    if (this.#tabs.size) {
      if (this.#question?.from === from) this.#ask();
    } else {
      this.#driver?.close();
    }
  }

  #send(tab: Tab, from: string, { id, action, json, timeout, ttl, key }: Action): void {
    const driver = this.#driver!;
    const tell = (message: ToTab) => this.#post([from], { id, ...message });
    const sent = new Sent(driver, action, key && `${from} ${key}`);
    const answered = (message: ToTab) => {
      tab.sends.delete(id);
      tell(message);
    };
    sent._json = json;
    sent._written = () => {
      if (sent.state === "queued") this.#post([from], { written: id });
      sent.state = "sent";
    };
    tab.sends.set(id, sent);
    sent.accepted.then((accepted) => accepted && tell({ accepted }), () => {});
    sent.then((data) => answered({ data }), (problem) => answered({ error: outward(problem) }));
    if (sent._key) driver._replace(sent._key);
    try {
      driver._queue(sent, timeout, ttl);
    } catch (problem) {
      sent._reject(problem);
    }
  }

  #make({ url, fingerprint, options, token, key, era }: Join): FullDriver {
    const contract = { name: "", actions: [], events: [], ...(fingerprint && { fingerprint }) };
    const driver = make(contract, url, {
      ...options,
      // With an id that it is given, a session is not closed because a page is.
      session: key,
      ...(token && { token: token === true ? () => this.#token() : token }),
      onProblem: (problem) => this.#post([...this.#tabs.keys()].slice(-1), { problem: outward(problem) }),
    });
    this.#era = era;
    this.#recent = era ? [] : undefined;
    driver._start();
    driver._acknowledged = () => this.#acknowledged();
    driver._emit = (event, ...values) => this.#emitted(driver, event, values[0]);
    return driver;
  }

  /** What an ordinary session tells its listeners. */
  #emitted(driver: FullDriver, event: string | Hook, value: any): void {
    if (typeof event === "string") return this.#event(event, value);
    const all = [...this.#tabs.keys()];
    if (event === Hook.State) {
      if (value.state === "open") this.#opened(driver);
      this.#tell(all, driver, value);
      if (value.state === "closed") this.#end();
    }
    // That the server has forgotten the session says the era.
    if (event === Hook.Gap && driver.resumed) this.#post(all, { gap: true });
  }

  /** Whoever comes now gets another session. */
  #end(): void {
    this.#driver = undefined;
    this.#tabs.clear();
  }

  #opened(driver: FullDriver): void {
    this.#seen = this.#confirmed = this.#driver!._seen;
    this.#syncing = undefined; // an answer would be of the numbers before
    if (this.#era && driver.resumed) return;
    this.#era = crypto.randomUUID();
    this.#recent = undefined;
  }

  #event(event: string, data: unknown): void {
    const seen = this.#driver!._seen;
    // A server that does not number its events leaves the number where it was.
    const seq = seen > this.#seen ? (this.#seen = seen) : undefined;
    const message: ToTab = { event, data, seq };
    if (seq && this.#recent && this.#recent.push(message) > RECENT) this.#recent = undefined;
    this.#post(this.#where(listensTo(event)), message);
  }

  #tell(to: string[], driver: FullDriver, change: StateChange): void {
    const { key, resumed, contract } = driver;
    const cause = driver._cause && outward(driver._cause);
    const about = { key, era: this.#era, seen: this.#driver!._seen, resumed, contract };
    const status: Status = { ...change, ...about, connectionId: driver._connectionId, cause };
    this.#post(to, { status });
  }

  /**
   * What the server may forget. A hub that crashes takes along what it has just told the tabs, so this counts
   * what a tab has read, and asks one for the next time.
   */
  #acknowledged(): number | undefined {
    const seen = this.#driver!._seen;
    const [tab] = [...this.#tabs.keys()].slice(-1);
    if (tab && !this.#syncing && seen > this.#confirmed) {
      this.#syncing = tab;
      this.#post([tab], { sync: seen });
    }
    return Math.min(seen, this.#confirmed) || undefined;
  }

  #where(condition: (tab: Tab) => boolean): string[] {
    return [...this.#tabs].filter(([, tab]) => condition(tab)).map(([from]) => from);
  }

  #token(): Promise<string> {
    return new Promise<any>((answer, refuse) => {
      this.#question = { answer, refuse };
      this.#ask();
    });
  }

  /** Whoever is asked may go without an answer; then it is another. */
  #ask(): void {
    const [from] = [...this.#tabs.keys()].slice(-1);
    this.#question!.from = from!;
    this.#post([from!], { ask: true });
  }
}

function listensTo(event: string) {
  return ({ listen }: Tab) => listen.includes(event) || listen.includes("*");
}
