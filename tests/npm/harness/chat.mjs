// The chat server of the demo: a real gateway, as its own process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Starts the program named in `CHAT_SERVER`, or the one that cargo built. */
export async function startChat() {
  const program = process.env.CHAT_SERVER ?? join(repository, "target/debug/chat-server");
  const data = await mkdtemp(join(tmpdir(), "gatewire-npm-chat-"));
  const child = spawn(program, ["--listen", "127.0.0.1:0", "--data", data], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await listening(program, child).catch(async (error) => {
    await rm(data, { recursive: true });
    throw error;
  });
  return {
    /** Where its socket is. */
    url: `ws://${address}/ws`,
    /** A token for a visitor of this name. */
    async token(name) {
      const response = await fetch(`http://${address}/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
      return (await response.json()).token;
    },
    async end() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await rm(data, { recursive: true });
    },
  };
}

async function listening(program, child) {
  const failed = once(child, "error").then(([error]) => {
    throw new Error(`cannot start ${program}: cargo build -p chat-server`, { cause: error });
  });
  const said = (async () => {
    for await (const line of createInterface(child.stdout)) {
      const [, address] = /^listening on http:\/\/(.+)$/.exec(line) ?? [];
      if (address) return address;
    }
    throw new Error(`${program} ended before it listened`);
  })();
  return Promise.race([said, failed]);
}
