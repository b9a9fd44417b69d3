/**
 * Checks texts as the package does, for `client/tests/agreement.rs`.
 *
 * The first line on stdin is a table; each of the others is the name of an action and the text of a
 * payload, as a JSON array. For each it writes such an array: the text as JavaScript writes it, and why
 * it is refused, or null.
 */
import { build } from "esbuild";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../src/shapes.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
const { Shapes } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

let shapes;
const answers = [];
for await (const line of createInterface({ input: process.stdin })) {
  if (!shapes) {
    shapes = new Shapes(line);
    continue;
  }
  const [name, text] = JSON.parse(line);
  const value = JSON.parse(text);
  answers.push(JSON.stringify([JSON.stringify(value), shapes.refusal("data", name, value) ?? null]));
}
process.stdout.write(answers.join("\n"));
