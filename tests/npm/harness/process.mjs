// Other programs: run to their end, or until they are told to stop.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** No program takes five minutes; one that does has hung, and would keep the tests waiting. */
const LONGEST = 300_000;

/** Runs a program of Node to its end and returns what it printed; it fails with all of that. */
export async function run(script, args, folder, environment = {}) {
  const child = follow(script, args, folder, environment);
  const [code, signal] = await child.ended;
  if (code !== 0) throw new Error(`${[script, ...args].join(" ")} ended with ${code ?? signal}:\n${child.printed()}`);
  return child.printed();
}

/** Starts a program of Node that runs while the test does. */
export function start(test, script, args, folder, environment = {}) {
  const child = follow(script, args, folder, environment);
  test.after(() => child.end());
  return child;
}

function follow(script, args, folder, environment) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST,
    killSignal: "SIGKILL",
  });
  let text = "";
  const ended = once(child, "exit");
  const waiting = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part) => {
      text += part;
      for (const look of waiting) look();
    });
  }
  return {
    ended,
    printed: () => text,
    /** Waits until it has printed this, and returns the match. */
    async prints(pattern) {
      let look;
      const found = new Promise((resolve) => {
        look = () => {
          const match = pattern.exec(text);
          if (match) resolve(match);
        };
      });
      waiting.add(look);
      look();
      const match = await Promise.race([found, ended]);
      waiting.delete(look);
      if (!("input" in match)) throw new Error(`${script} ended and never printed ${pattern}:\n${text}`);
      return match;
    },
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
