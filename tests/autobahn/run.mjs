/**
 * Lets Autobahn's fuzzing client at the gateway, keeps its report and judges it.
 *
 *     ./dev autobahn
 *
 * It takes the echo server named in `ECHO_SERVER` and the `wstest` named in `WSTEST`. It fails when a case, or
 * the way its connection closed, is anything but OK, non-strict or informational. Compression (12 and 13) is
 * not offered, so there a case may say that it is not implemented.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const REPORT = fileURLToPath(new URL("report", import.meta.url));
const AGENT = "gatewire";
const GOOD = ["OK", "NON-STRICT", "INFORMATIONAL"];
const COMPRESSION = /^1[23]\./;

const { ECHO_SERVER, WSTEST } = process.env;
if (!ECHO_SERVER || !WSTEST) throw new Error("ECHO_SERVER and WSTEST are needed; ./dev autobahn gives them");

await rm(REPORT, { recursive: true, force: true });
const server = spawn(ECHO_SERVER, { stdio: ["ignore", "pipe", "inherit"] });
try {
  await fuzz(await listening(server));
} finally {
  server.kill();
}
const { [AGENT]: results } = JSON.parse(await readFile(join(REPORT, "index.json"), "utf8"));
judge(Object.entries(results));

/** Waits for the line that says where the server is. */
async function listening(server) {
  const failed = once(server, "error").then(([error]) => Promise.reject(error));
  const ended = once(server, "exit").then(([code]) => Promise.reject(new Error(`the server ended with ${code}`)));
  const [line] = await Promise.race([once(createInterface(server.stdout), "line"), failed, ended]);
  return line.match(/ws:\S+/)[0];
}

/** Runs all the cases; their report is in the folder `REPORT` then. */
async function fuzz(url) {
  const spec = JSON.parse(await readFile(new URL("spec.json", import.meta.url), "utf8"));
  const folder = await mkdtemp(join(tmpdir(), "gatewire-autobahn-"));
  try {
    const file = join(folder, "spec.json");
    await writeFile(file, JSON.stringify({ ...spec, outdir: REPORT, servers: [{ agent: AGENT, url }] }));
    await promisify(execFile)(WSTEST, ["--mode", "fuzzingclient", "--spec", file], {
      cwd: folder,
      maxBuffer: 2 ** 26,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function judge(results) {
  const bad = results.filter(([name, { behavior, behaviorClose }]) => {
    const allowed = COMPRESSION.test(name) ? [...GOOD, "UNIMPLEMENTED"] : GOOD;
    return !allowed.includes(behavior) || !allowed.includes(behaviorClose);
  });
  console.log(`${results.length} cases: ${count(results, "behavior")}`);
  console.log(`their closes: ${count(results, "behaviorClose")}`);
  for (const [name, { behavior, behaviorClose, remoteCloseCode }] of bad) {
    console.log(`bad: ${name.padEnd(8)} ${behavior}, close ${behaviorClose} (${remoteCloseCode})`);
  }
  console.log(`report: ${join(REPORT, "index.html")}`);
  // A suite that ran nothing has found nothing.
  process.exitCode = bad.length === 0 && results.length > 0 ? 0 : 1;
}

function count(results, key) {
  const counts = new Map();
  for (const [, { [key]: verdict }] of results) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, number]) => `${number} ${verdict}`).join(", ");
}
