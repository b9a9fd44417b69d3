/**
 * What a browser downloads for a client that connects, sends, listens and reconnects: gatewire and others,
 * each bundled the same way, as a table in Markdown.
 *
 *     ./dev sizes
 *
 * It takes gatewire as it was built last, and the others as the lock file beside this script has them.
 */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";
import { brotliCompressSync, constants } from "node:zlib";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** How an application takes each client. All of it is printed, so nothing of it can be left out. */
const CLIENTS = {
  gatewire: `import { connect } from "gatewire"; console.log(connect);`,
  "gatewire/core": `import { connect } from "gatewire/core"; console.log(connect);`,
  phoenix: `import { Socket } from "phoenix"; console.log(Socket);`,
  "socket.io-client": `import { io } from "socket.io-client"; console.log(io);`,
  "@microsoft/signalr": `import { HubConnectionBuilder } from "@microsoft/signalr"; console.log(HubConnectionBuilder);`,
  centrifuge: `import { Centrifuge } from "centrifuge"; console.log(Centrifuge);`,
};

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

console.log("| client | version | minified | gzip -9 | brotli -q 11 |");
console.log("| --- | --- | ---: | ---: | ---: |");
for (const [name, program] of Object.entries(CLIENTS)) {
  const code = await bundle(program);
  // The program, as the budgets are measured: Node's own zlib is made for speed.
  const gzipped = execFileSync("gzip", ["-9", "--stdout"], { input: code, maxBuffer: 2 ** 24 });
  const sizes = [code, gzipped, brotliCompressSync(code, BROTLI)];
  const cells = [`\`${name}\``, version(name), ...sizes.map(({ length }) => length.toLocaleString("en"))];
  console.log(`| ${cells.join(" | ")} |`);
}

/** One module for browsers. */
async function bundle(program) {
  const { outputFiles, warnings } = await build({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  if (warnings.length) throw new Error(JSON.stringify(warnings));
  return outputFiles[0].contents;
}

/** Of the package, by its manifest; that of this repository is not beside the others. */
function version(entry) {
  const manifest = entry.startsWith("gatewire") ? "../../client/npm" : `node_modules/${entry}`;
  return JSON.parse(readFileSync(`${folder}${manifest}/package.json`, "utf8")).version;
}
