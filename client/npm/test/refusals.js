/**
 * Checks texts as the package does, for `client/tests/agreement.rs`.
 *
 * The first line on stdin is a table; each of the others is the name of an action and the text of a
 * payload, as a JSON array. For each it writes such an array: the text as JavaScript writes it, and why
 * it is refused, or null. On the way it makes sure that what comes is refused as what is sent is, and that
 * bigints are written as the digits they were read from.
 */
import assert from "node:assert/strict";
import { build } from "esbuild";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const resolveDir = fileURLToPath(new URL("../src", import.meta.url));
const contents = 'export * from "./shapes.ts"; export * from "./written.ts"';
const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: "esm", write: false });
const { Shapes, written } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

let sent, come;
const answers = [];
for await (const line of createInterface({ input: process.stdin })) {
  if (!sent) {
    sent = new Shapes(line);
    come = new Shapes(line.replaceAll('"data ', '"event '));
    continue;
  }
  const [name, text] = JSON.parse(line);
  const frame = { data: JSON.parse(text) };
  const before = written(frame);
  const refusal = sent._refusal("data", name, frame);
  assert.equal(written(frame), before, "what is sent stays as it is");
  assert.equal(come._refusal("event", name, frame), refusal);
  assert.equal(written(frame), before);
  assert.equal(sent._refusal("data", name, frame), refusal, "with bigints it is the same");
  answers.push(JSON.stringify([before, refusal ?? null]));
}
process.stdout.write(answers.join("\n"));
