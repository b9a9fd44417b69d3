// The chat server as a process: started, killed and started again on the same port and data.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env["CHAT_SERVER"] ?? join(repository, "target/debug/chat-server");

/** How a server process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A chat server with its own data, which outlives its processes. */
export class ChatServer {
  #process: ChildProcess | undefined;
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
    const started = spawn(binary, ["--listen", listen, "--data", this.data, "--page", page], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = started;
    for await (const line of createInterface(started.stdout)) {
      const port = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) {
        this.#port = Number(port);
        return;
      }
    }
    throw new Error(`${binary} ended before it listened`);
  }

  /** Sends a signal and waits until the process has ended. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    const process = this.#process;
    if (process === undefined) throw new Error("the server is not running");
    this.#process = undefined;
    const ended = once(process, "exit");
    process.kill(signal);
    const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
    return { code, signal: by };
  }

  /** Ends the process, if there is one, and removes the data. */
  async remove(): Promise<void> {
    if (this.#process !== undefined) await this.end("SIGKILL");
    await rm(this.data, { recursive: true });
  }
}
