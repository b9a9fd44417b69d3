/** How a token gets to the server, and when it ends. */

import { Input } from "./core.ts";
import { PROTOCOL } from "./driver.ts";
import { failure } from "./error.ts";
import type { FullDriver } from "./full.ts";

/** Opens a socket with the token at hand. */
export function travel(driver: FullDriver): void {
  const { _url: url, _token: token, _options: options } = driver;
  const plain = options.protocol === "plain";
  const protocols = plain ? [] : [PROTOCOL];
  switch (token && (options.tokenBy ?? (plain ? "query" : "subprotocol"))) {
    case "query":
      return driver._dial(withParameter(url, "token", token!), protocols);
    case "header":
      if (options.WebSocket) return driver._dial(url, protocols, { headers: bearer(token) });
      return driver._end(failure("!unusable", "", ": a header needs options.WebSocket"));
    case "ticket":
      return void buy(driver, protocols);
    case "subprotocol":
      protocols.push(`gatewire.token.${token}`);
  }
  driver._dial(url, protocols);
}

/** What a token says of itself, in seconds since the epoch, where it is a JWT (RFC 7519) and another one can be had. */
export function claims({ _token, _options }: FullDriver): { iat?: number; exp?: number } {
  try {
    if (typeof _options.token === "function") {
      return JSON.parse(atob(_token!.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")));
    }
  } catch {}
  return {};
}

/** Exchanges the token for a ticket, and opens a socket with that. */
async function buy(driver: FullDriver, protocols: string[]): Promise<void> {
  const { _url: url, _token: token, _options: options } = driver;
  const abort = new AbortController();
  const { signal } = abort;
  // Stands where the socket will, so that an attempt that is given up closes it.
  driver._attempt = { close: () => abort.abort() } as WebSocket;
  let code = 1006;
  try {
    const address = options.ticketUrl ?? url.replace(/^ws/, "http").replace(/\/?(\?.*)?$/, "/ticket");
    const response = await fetch(address, { method: "POST", headers: bearer(token), signal });
    // 401 and 403 are as final here as on a socket.
    if (/40[13]/.test(`${response.status}`)) code = 4000 + response.status;
    const { ticket } = await response.json();
    if (response.ok && !signal.aborted) return driver._dial(withParameter(url, "ticket", ticket), protocols);
  } catch {}
  if (!signal.aborted) driver._tell(Input.Failed, code);
}

function bearer(token?: string) {
  return { authorization: `Bearer ${token}` };
}

function withParameter(url: string, name: string, value: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}
