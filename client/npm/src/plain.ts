/** The same session with a server that speaks only what API Gateway speaks. */

import { Input, Output } from "./core.ts";
import type { Pending } from "./driver.ts";
import { failure, GatewireError, Reason } from "./error.ts";
import { FullDriver } from "./full.ts";
import type { Sent } from "./sent.ts";

export class PlainDriver extends FullDriver {
  override _put(sent: Sent, id: number): void {
    super._put(sent, id);
    // Nobody will answer: that it is written is all that can be known.
    sent._resolve(null);
    this._pending.delete(id);
    this._tell(Input.Answered, id);
  }

  override _do(output: Output, detail: number, code: number, number: number): void {
    super._do(output, detail, code, number);
    if (output === Output.Promote) this._tell(Input.Expires, this._left({}));
  }

  override _why(reason: Reason, pending: Pending): unknown {
    if (reason !== Reason.TooLarge) return super._why(reason, pending);
    return failure("!tooLarge", `${pending._action}: `, " for a frame of API Gateway (32 KiB)");
  }

  /** A flat object beside `action`, which comes last: of two members with one name the last counts. */
  override _frame({ _action, _json }: Pending): string {
    const action = `"action":${JSON.stringify(_action)}}`;
    if (_json[0] !== "{") return `{"data":${_json},${action}`;
    return _json.slice(0, -1) + (_json === "{}" ? "" : ",") + action;
  }

  /** Anything may be posted; what is no JSON is a text. */
  override _receive(text: string): void {
    try {
      JSON.parse(text);
    } catch {
      text = JSON.stringify(text);
    }
    super._receive(text);
  }

  override _hear(frame: any): void {
    const { message, connectionId, requestId, event, action = "", data = frame } = frame ?? {};
    if (message && connectionId && requestId) {
      const code = message.toLowerCase().replace(/ (.)/g, (_: string, letter: string) => letter.toUpperCase());
      this._report(new GatewireError(code, message, !/forbidden|invalid/.test(code)));
    } else {
      const name = event ?? action;
      this._emit(name, this._check("event", name, { data }), name);
    }
    this._tell(Input.Heard);
  }
}
