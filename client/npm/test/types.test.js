/**
 * What an editor and a compiler say about programs that use the package.
 *
 * `types/wrong/wrong.txt` is `wrong.ts` with TypeScript 7's words under each line; write it anew with
 * `GATEWIRE_BLESS=1 npm test -w gatewire`. TypeScript 5.9 has to find the same lines wrong. Completion is
 * asked of 5.9, whose language service is a stable API.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import ts from "typescript-5";

const types = new URL("types/", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, types));
const read = (name) => readFileSync(path(name), "utf8");

test("each wrong program is refused, with these words", () => {
  const problems = compile("typescript");
  const kept = annotated(read("wrong/wrong.ts"), problems);
  if (process.env.GATEWIRE_BLESS) writeFileSync(path("wrong/wrong.txt"), kept);
  assert.equal(kept, read("wrong/wrong.txt"), "to keep these words: GATEWIRE_BLESS=1 npm test -w gatewire");
  assert.deepEqual([...problems.keys()], programs(read("wrong/wrong.ts")), "each is wrong in one line");
  assert.ok(problems.size >= 20);
});

test("TypeScript 5.9 finds the same lines wrong", () => {
  assert.deepEqual([...compile("typescript-5").keys()], programs(read("wrong/wrong.ts")));
});

test("completion lists actions, events, fields and variants", () => {
  assert.deepEqual(completions("unfinished.ts"), {
    action: ["remind", "sendMessage", "typing", "vote"],
    field: ["days", "note", "place", "text"],
    variant: ["friday", "monday"],
    event: ["*", "left", "message"],
    eventField: ["from", "text"],
    replyField: ["id"],
    method: [
      ...["close", "connect", "contract", "events", "inspect", "key", "on", "onContractChanged", "onGap", "onState"],
      ...["onUnauthorized", "ready", "resumed", "send", "state"],
    ],
    option: [
      ...["WebSocket", "connect", "highWater", "incoming", "lowWater", "onProblem", "outgoing", "overflow", "protocol"],
      ...["queueBytes", "queueLength", "session", "ticketUrl", "timeout", "token", "tokenBy", "trace", "ttl", "validate"],
    ],
    sendOption: ["key", "signal", "timeout", "ttl"],
    sent: ["accepted", "cancel", "catch", "finally", "state", "then"],
  });
});

/** The numbers of the lines that follow a comment of their own. */
function programs(source) {
  const lines = source.split("\n");
  const first = lines.indexOf("") + 1;
  return lines.flatMap((line, index) => (index > first && line.startsWith("// ") ? [index + 2] : []));
}

/** What a compiler says about the wrong programs, by line. */
function compile(compiler) {
  const manifest = import.meta.resolve(`${compiler}/package.json`);
  const tsc = fileURLToPath(new URL("bin/tsc", manifest));
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "wrong", "--pretty", "false"], {
    cwd: path("."),
    encoding: "utf8",
  });
  const problems = new Map();
  let last;
  for (const text of stdout.trimEnd().split("\n")) {
    const [, line, words] = /^wrong\/wrong\.ts\((\d+),\d+\): (.*)$/.exec(text) ?? [];
    if (line) problems.set(+line, (last = [...(problems.get(+line) ?? []), words]));
    else assert.ok(last?.push(text), text);
  }
  return problems;
}

/** The source, with what the compiler says under each line. */
function annotated(source, problems) {
  const lines = source.trimEnd().split("\n");
  const words = (index) => problems.get(index + 1) ?? [];
  return lines.flatMap((line, index) => [line, ...words(index).map((text) => `    ${text}`)]).join("\n") + "\n";
}

/** What may follow at each `|mark|` of a program, by mark. */
function completions(name) {
  const marks = {};
  let source = read(name);
  for (let mark; (mark = /\|(\w+)\|/.exec(source)); ) {
    marks[mark[1]] = mark.index;
    source = source.replace(mark[0], "");
  }
  const { options } = ts.parseJsonConfigFileContent(JSON.parse(read("tsconfig.json")), ts.sys, path("."));
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [path(name)],
    getScriptVersion: () => "1",
    getScriptSnapshot: (file) => ts.ScriptSnapshot.fromString(file === path(name) ? source : ts.sys.readFile(file)),
  });
  const entries = (position) => service.getCompletionsAtPosition(path(name), position, {})?.entries ?? [];
  const names = (position) => entries(position).map((entry) => entry.name).sort();
  return Object.fromEntries(Object.entries(marks).map(([mark, position]) => [mark, names(position)]));
}
