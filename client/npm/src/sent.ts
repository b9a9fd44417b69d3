/** What `send` gives: the promise of the reply, and what becomes of the action meanwhile. */

import type * as api from "../gatewire.d.ts";
import { Input } from "./core.ts";
import type { Pending } from "./driver.ts";
import { failure } from "./error.ts";
import type { FullDriver } from "./full.ts";

export class Sent extends Promise<any> implements api.Sent<any>, Pending {
  state: api.SentState = "queued";
  declare _driver: FullDriver;
  declare _id?: number;
  declare _action: string;
  declare _json: string;
  declare _key: string | undefined;
  /** Lets go of the signal. */
  declare _release: (() => void) | undefined;
  declare _receipt: api.Accepted | undefined;
  declare _accepted: Promise<api.Accepted | undefined> | undefined;
  /** Resolves `_accepted`, where somebody asked for it. */
  declare _tell: ((receipt?: api.Accepted) => void) | undefined;
  declare _fulfil: (reply: unknown) => void;
  declare _fail: (problem: unknown) => void;

  constructor(driver: FullDriver, action: string, key: string | undefined) {
    let fulfil, fail;
    super((resolve, reject) => {
      fulfil = resolve;
      fail = reject;
    });
    this._driver = driver;
    this._action = action;
    this._key = key;
    this._fulfil = fulfil!;
    this._fail = fail!;
  }

  get accepted(): Promise<api.Accepted | undefined> {
    if (!this._accepted) {
      this._accepted = new Promise((resolve, reject) => {
        this._tell = resolve;
        if (this._receipt) resolve(this._receipt);
        else this.then(() => resolve(undefined), reject);
      });
      this._accepted.catch(() => {}); // whoever awaits the reply alone hears of the failure there
    }
    return this._accepted;
  }

  cancel(): void {
    this._cancel("!cancelled");
  }

  _cancel(code: string): void {
    const { _driver: driver, _id: id } = this;
    if (id) driver._pending.delete(id);
    this._reject(failure(code, `${this._action}: `));
    if (id) driver._tell(Input.Cancel, id);
  }

  _obey(signal: AbortSignal): void {
    const cancel = () => this.cancel();
    if (signal.aborted) return cancel();
    signal.addEventListener("abort", cancel);
    this._release = () => signal.removeEventListener("abort", cancel);
  }

  _written(): void {
    if (this.state === "queued") this.state = "sent";
  }

  _accept(receipt: api.Accepted): void {
    this.state = "accepted";
    this._receipt = receipt;
    this._tell?.(receipt);
  }

  _resolve(reply: unknown): void {
    this._settle("answered");
    this._fulfil(reply);
  }

  _reject(problem: unknown): void {
    this._settle("failed");
    this._fail(problem);
  }

  /** The first word counts, as with promises. */
  _settle(state: api.SentState): void {
    if (this.state !== "answered") this.state = state;
    this._release?.();
  }
}

// So that `await` takes it for the promise it is, and `then` makes plain ones.
Sent.prototype.constructor = Promise;
