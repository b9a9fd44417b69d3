/** The programs in the README compile. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const folder = new URL("../build/readme/", import.meta.url);

const settings = {
  extends: "../../test/types/tsconfig.json",
  compilerOptions: {
    jsx: "react-jsx",
    skipLibCheck: true,
    lib: ["es2022", "dom", "dom.iterable"],
    paths: { "@acme/chat": ["../../test/types/chat.d.ts"] },
  },
  include: ["."],
  exclude: [],
};

test("the programs in the README compile", () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("tsconfig.json", folder), JSON.stringify(settings));
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const programs = [...readme.matchAll(/^```(tsx?)\n(.*?)^```$/gms)];
  assert.ok(programs.length >= 5);
  for (const { 1: extension, 2: program, index } of programs) {
    const line = readme.slice(0, index).split("\n").length;
    writeFileSync(new URL(`line-${line}.${extension}`, folder), program);
  }
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", fileURLToPath(folder)], { encoding: "utf8" });
  assert.equal(stdout, "");
});
