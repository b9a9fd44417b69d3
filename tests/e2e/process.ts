// A server program as a process of the test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where a program of this workspace is built, unless the variable says otherwise. */
export function program(name: string, variable: string): string {
  return process.env[variable] ?? join(repository, "target/debug", name);
}

/** A running server, which has said where it listens. */
export class Server {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  /** Starts a program and waits for its line `listening on http://…`. */
  static async start(binary: string, ...args: string[]): Promise<Server> {
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface(child.stdout)) {
      const port = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) return new Server(Number(port), child);
    }
    throw new Error(`${binary} ended before it listened`);
  }

  /** Sends a signal and waits until the process has ended. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
    return { code, signal: by };
  }
}
