// The chat server: started, killed and started again on the same port and data.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Exit, program, repository, Server } from "./process";

/** A chat server with its own data, which outlives its processes. */
export class ChatServer {
  #server: Server | undefined;
  #port = 0;

  private constructor(private readonly data: string) {}

  /** A server that is ready. */
  static async start(): Promise<ChatServer> {
    const server = new ChatServer(await mkdtemp(join(tmpdir(), "gatewire-chat-")));
    await server.startAgain();
    return server;
  }

  /** The address of its page. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts a process on the same port and data, and waits until it listens. */
  async startAgain(): Promise<void> {
    const listen = `127.0.0.1:${this.#port}`;
    const page = join(repository, "www/dist");
    const binary = program("chat-server", "CHAT_SERVER");
    this.#server = await Server.start(binary, "--listen", listen, "--data", this.data, "--page", page);
    this.#port = this.#server.port;
  }

  /** Sends a signal and waits until the process has ended. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    const server = this.#server;
    if (server === undefined) throw new Error("the server is not running");
    this.#server = undefined;
    return server.end(signal);
  }

  /** Ends the process, if there is one, and removes the data. */
  async remove(): Promise<void> {
    if (this.#server !== undefined) await this.end("SIGKILL");
    await rm(this.data, { recursive: true });
  }
}
