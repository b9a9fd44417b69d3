/**
 * A scripted server behind the page's `WebSocket`.
 *
 * The manual:
 * - `new Peer()` puts the fake in the place of the page's `WebSocket` and listens at `peer.url`, an
 *   address of its own, so that no story meets another's sockets;
 * - `await peer.open()` is the next socket that a client opens: its protocols. That is the newest one from
 *   then on; `back` counts from there, 1 is the one before it;
 * - `await peer.next(back)` is the next thing that a client did with a socket, in order, none left out:
 *   `["text", frame]` or `["close", code]`;
 * - `peer.idle` says whether everything that was done has been taken;
 * - `peer.accept()` opens the newest socket, `peer.say(back, text)` writes to one, `peer.sayBytes()` writes
 *   what is no text, `peer.end(back, code)` closes one, `peer.congest(bytes)` lets so many wait in the newest;
 * - `await patience()` is for as long as anybody waits for anything, so that a story that waits in vain has
 *   a name.
 *
 * The fake is as strict as a browser: it throws for protocols, codes and moments that a browser throws for.
 */

const peers = new Map();

/** In milliseconds. */
const PATIENCE = 20_000;

export function patience() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE));
}

export class Peer {
  /** Those that a client has opened and a story has not taken. */
  #coming = new Queue();
  #sockets = [];

  constructor() {
    this.url = `wss://peer-${peers.size}.test/ws`;
    peers.set(this.url, this);
    globalThis.WebSocket = FakeWebSocket;
  }

  get idle() {
    return [this.#coming, ...this.#sockets.map(({ done }) => done)].every(({ idle }) => idle);
  }

  async open() {
    const socket = await this.#coming.next();
    this.#sockets.push(socket);
    return socket.protocols;
  }

  next(back) {
    return this.#socket(back).done.next();
  }

  accept() {
    this.#socket(0).opened();
  }

  say(back, data) {
    this.#socket(back).heard(data);
  }

  sayBytes() {
    this.#socket(0).heard(new Blob(["{}"]));
  }

  end(back, code) {
    this.#socket(back).ended(code);
  }

  congest(bytes) {
    this.#socket(0).bufferedAmount = bytes;
  }

  /** For the fake. */
  connected(socket) {
    this.#coming.push(socket);
  }

  #socket(back) {
    return this.#sockets.at(-1 - back);
  }
}

/** What one side did and the other has not taken yet. */
class Queue {
  #items = [];
  #arrived = () => {};

  get idle() {
    return this.#items.length === 0;
  }

  push(item) {
    this.#items.push(item);
    this.#arrived();
  }

  async next() {
    if (this.idle) await new Promise((resolve) => (this.#arrived = resolve));
    return this.#items.shift();
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
  bufferedAmount = 0;
  /** For the peer. */
  done = new Queue();

  constructor(url, protocols) {
    const fits = (protocol) => /^[\w!#$%&'*+.^`|~-]+$/.test(protocol);
    if (!peers.has(url) || !protocols.every(fits)) throw new DOMException(`no: ${url}`, "SyntaxError");
    this.protocols = protocols;
    peers.get(url).connected(this);
  }

  send(text) {
    if (this.readyState === FakeWebSocket.CONNECTING) throw new DOMException("too early", "InvalidStateError");
    if (this.readyState === FakeWebSocket.OPEN) this.done.push(["text", text]);
  }

  /** A browser tells the end later, and so does this. */
  close(code) {
    if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new DOMException(`no: ${code}`, "InvalidAccessError");
    if (this.readyState >= FakeWebSocket.CLOSING) return;
    this.readyState = FakeWebSocket.CLOSING;
    this.done.push(["close", code]);
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
