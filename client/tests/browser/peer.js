/**
 * A scripted server behind the page's `WebSocket`.
 *
 * The manual:
 * - `new Peer()` puts the fake in the place of the page's `WebSocket` and listens at `peer.url`, an
 *   address of its own, so that no story meets another's sockets;
 * - `await peer.next()` is the next thing that a client did, in order, none left out:
 *   `["open", protocol, …]`, `["text", frame]` or `["close", code]`. Twenty seconds of nothing are an
 *   error, so that a story that waits in vain has a name;
 * - `peer.idle` says whether everything that was done has been taken;
 * - `peer.accept()` opens the newest socket, `peer.say(text)` writes to it, `peer.sayBytes()` writes what
 *   is no text, `peer.end(code)` closes it.
 *
 * The fake is as strict as a browser: it throws for protocols, codes and moments that a browser throws for.
 */

const peers = new Map();

/** In milliseconds. */
const PATIENCE = 20_000;

export class Peer {
  #done = [];
  #arrived = () => {};
  #socket;

  constructor() {
    this.url = `wss://peer-${peers.size}.test/ws`;
    peers.set(this.url, this);
    globalThis.WebSocket = FakeWebSocket;
  }

  get idle() {
    return this.#done.length === 0;
  }

  async next() {
    if (this.idle) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the client did nothing for 20 seconds")), PATIENCE);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#done.shift();
  }

  accept() {
    this.#socket.opened();
  }

  say(data) {
    this.#socket.heard(data);
  }

  sayBytes() {
    this.#socket.heard(new Blob(["{}"]));
  }

  end(code) {
    this.#socket.ended(code);
  }

  /** For the fake. */
  connected(socket, protocols) {
    this.#socket = socket;
    this.did("open", ...protocols);
  }

  /** For the fake. */
  did(...what) {
    this.#done.push(what);
    this.#arrived();
  }
}

class FakeWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  readyState = FakeWebSocket.CONNECTING;
  #peer;

  constructor(url, protocols) {
    const fits = (protocol) => /^[\w!#$%&'*+.^`|~-]+$/.test(protocol);
    if (!peers.has(url) || !protocols.every(fits)) throw new DOMException(`no: ${url}`, "SyntaxError");
    this.#peer = peers.get(url);
    this.#peer.connected(this, protocols);
  }

  send(text) {
    if (this.readyState === FakeWebSocket.CONNECTING) throw new DOMException("too early", "InvalidStateError");
    if (this.readyState === FakeWebSocket.OPEN) this.#peer.did("text", text);
  }

  /** A browser tells the end later, and so does this. */
  close(code) {
    if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new DOMException(`no: ${code}`, "InvalidAccessError");
    if (this.readyState >= FakeWebSocket.CLOSING) return;
    this.readyState = FakeWebSocket.CLOSING;
    this.#peer.did("close", code);
    setTimeout(() => this.ended(code));
  }

  opened() {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen?.(new Event("open"));
  }

  heard(data) {
    if (this.readyState === FakeWebSocket.OPEN) this.onmessage?.(new MessageEvent("message", { data }));
  }

  ended(code) {
    if (this.readyState === FakeWebSocket.CLOSED) return;
    this.readyState = FakeWebSocket.CLOSED;
    this.onclose?.(new CloseEvent("close", { code, wasClean: code !== 1006 }));
  }
}
