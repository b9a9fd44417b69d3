// The packages as npm would publish them, and projects that have installed them.

import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process.mjs";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const projects = fileURLToPath(new URL("..", import.meta.url));

/** npm as a script, so that no shell has to find it. */
const npm = process.env.npm_execpath ?? join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js");

/** Packs gatewire and the contract that its users import. */
export async function pack() {
  const folder = await mkdtemp(join(tmpdir(), "gatewire-npm-"));
  const packed = async (source) => {
    const printed = await run(npm, ["pack", "--json", "--pack-destination", folder], join(repository, source));
    const [{ filename }] = JSON.parse(printed.slice(printed.indexOf("[")));
    return join(folder, filename);
  };
  return {
    gatewire: await packed("client/npm"),
    contract: await packed("www/contract"),
    remove: () => rm(folder, { recursive: true }),
  };
}

/**
 * Copies a project out of this repository, where it would find the packages of the workspace, and installs:
 * what its lock file says, then the packed packages. Returns the folder, which goes with the test.
 */
export async function install(test, name, packages) {
  const folder = await mkdtemp(join(tmpdir(), `gatewire-npm-${name}-`));
  test.after(() => rm(folder, { recursive: true }));
  await cp(join(projects, name), folder, { recursive: true });
  await cp(join(projects, "shared"), folder, { recursive: true });
  await cp(join(repository, ".npmrc"), join(folder, ".npmrc"));
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (dependencies || devDependencies) await run(npm, ["ci", "--ignore-scripts"], folder);
  else await mkdir(join(folder, "node_modules"));
  await run(npm, ["install", "--no-save", "--offline", packages.gatewire, packages.contract], folder);
  return folder;
}

/** Asks the tools that know how packages are published what is wrong with this one. */
export async function lint(tarball) {
  await run(tool("publint", "src/cli.js"), ["run", tarball, "--strict"], repository);
  // The wasm is a file, not a module, so there are no types for it.
  const options = ["--profile", "esm-only", "--exclude-entrypoints", "./gatewire.wasm"];
  await run(tool("@arethetypeswrong/cli", "dist/index.js"), [tarball, ...options], repository);
}

/** Checks a project's types with the compiler of this repository. */
export async function check(folder) {
  await run(tool("typescript", "bin/tsc"), ["-p", folder], repository);
}

function tool(name, path) {
  return join(repository, "node_modules", name, path);
}
