// A proxy between a browser and a server that does what networks do.

import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

/** A connection through the proxy. */
interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client has sent so far. */
  readonly sent: Buffer[];
  /** How many bytes to the client still pass before the line is cut. */
  left: number;
  /** Takes everything and passes nothing on, in either direction. */
  deaf: boolean;
}

export class Proxy {
  readonly #listener = net.createServer({ pauseOnConnect: true }, (client) => this.#accept(client));
  readonly #lines = new Set<Line>();
  readonly #doubles = new Set<Socket>();
  #upstream = 0;
  #refuses = false;
  #stalled = false;
  /** Into how many bytes at a time everything is cut. */
  #crumb = Infinity;

  /** Listens on a port of its own. */
  static async start(): Promise<Proxy> {
    const proxy = new Proxy();
    await once(proxy.#listener.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Sends new connections to this port. */
  set upstream(port: number) {
    this.#upstream = port;
  }

  /** Drops every connection without a word. */
  cut(): void {
    for (const line of this.#lines) this.#end(line, true);
  }

  /** Ends every connection in order, as a proxy that is restarted does. */
  close(): void {
    for (const line of this.#lines) this.#end(line, false);
  }

  /** Drops every connection once so many more bytes have gone to its client: in the middle of a frame. */
  tear(bytes: number): void {
    for (const line of this.#lines) line.left = bytes;
  }

  /** Nothing passes until it is released; nothing is lost. */
  stall(): void {
    this.#stalled = true;
    for (const line of this.#lines) this.#pause(line);
  }

  release(): void {
    this.#stalled = false;
    for (const line of this.#lines) {
      line.client.resume();
      line.server.resume();
    }
  }

  /** The connections of now stay open and carry nothing any more. New ones are well. */
  halfOpen(): void {
    for (const line of this.#lines) line.deaf = true;
  }

  /** Whether new connections are dropped at once. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }

  /** Passes everything on in small pieces. */
  crumble(bytes: number): void {
    this.#crumb = bytes;
  }

  /** Opens each connection to the server once more, with everything the client has said on it. */
  duplicate(): void {
    for (const { sent } of this.#lines) {
      const double = net.connect(this.#upstream, "127.0.0.1");
      this.#doubles.add(double);
      double.on("error", () => {}).on("close", () => this.#doubles.delete(double));
      double.resume(); // what the server answers, nobody reads
      for (const piece of sent) double.write(piece);
    }
  }

  /** Does no harm from now on. What is dead stays dead. */
  heal(): void {
    this.#refuses = false;
    this.#crumb = Infinity;
    this.release();
  }

  stop(): void {
    this.#listener.close();
    this.cut();
    for (const double of this.#doubles) double.destroy();
  }

  #accept(client: Socket): void {
    client.on("error", () => {});
    if (this.#refuses) return void client.resetAndDestroy();
    const server = net.connect(this.#upstream, "127.0.0.1").on("error", () => {});
    const line: Line = { client, server, sent: [], left: Infinity, deaf: false };
    this.#lines.add(line);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("close", () => this.#end(line, line.left === 0));
    }
    client.on("data", (piece: Buffer) => {
      line.sent.push(piece);
      this.#pass(line, server, piece);
    });
    server.on("data", (piece: Buffer) => {
      const torn = piece.subarray(0, line.left);
      line.left -= torn.length;
      this.#pass(line, client, torn);
      if (line.left === 0) this.#end(line, true);
    });
    if (this.#stalled) this.#pause(line);
    else client.resume();
  }

  #pause(line: Line): void {
    line.client.pause();
    line.server.pause();
  }

  #pass(line: Line, to: Socket, piece: Buffer): void {
    if (line.deaf) return;
    for (let start = 0; start < piece.length; start += this.#crumb) {
      to.write(piece.subarray(start, start + this.#crumb));
    }
  }

  /** A line that is half open stays so: neither end learns of the other. */
  #end(line: Line, hard: boolean): void {
    this.#lines.delete(line);
    for (const socket of [line.client, line.server]) {
      if (hard) socket.resetAndDestroy();
      else if (!line.deaf) socket.end();
    }
  }
}
