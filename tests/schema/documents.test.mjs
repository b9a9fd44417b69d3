// What contracts are exported as, by the judgement of others: Ajv for JSON Schema 2020-12, and
// AsyncAPI's own parser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { Parser } from "@asyncapi/parser";
import { Ajv2020 } from "ajv/dist/2020.js";

const root = new URL("../../", import.meta.url);

/** The contracts of this repository that keep their files, and one payload of each. */
const contracts = [
  {
    files: "www/contract/chat",
    payload: "/actions/sendMessage/data",
    good: { room: "lobby", text: "hi" },
    bad: { room: "lobby", text: 7 },
  },
  {
    files: "shared/tests/typescript/board",
    payload: "/actions/search/data",
    good: { by: "Text", text: "hi" },
    bad: { by: "Nobody" },
  },
];

const read = async (path) => JSON.parse(await readFile(new URL(path, root), "utf8"));

/** Every schema of the document that is not in `$defs`, as the pointer that leads to it. */
function payloads({ actions, events }) {
  const key = (name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
  return [
    ...Object.keys(actions).flatMap((name) => ["data", "reply"].map((of) => `/actions/${key(name)}/${of}`)),
    ...Object.keys(events).map((name) => `/events/${key(name)}/data`),
  ];
}

for (const { files, payload, good, bad } of contracts) {
  test(`${files}.schema.json is JSON Schema 2020-12`, async () => {
    const schema = await read(`${files}.schema.json`);
    const ajv = new Ajv2020({
      strictTypes: false, // a type may stand beside the reference it narrows
      validateFormats: false, // a format is an annotation in 2020-12
      keywords: ["actions", "events"],
    });
    assert(ajv.validateSchema(schema), ajv.errorsText());
    ajv.addSchema(schema, "contract");
    for (const name of Object.keys(schema.$defs)) {
      ajv.compile({ $ref: `contract#/$defs/${encodeURIComponent(name)}` });
    }
    for (const pointer of payloads(schema)) {
      ajv.compile({ $ref: `contract#${pointer}` });
    }
    const validate = ajv.compile({ $ref: `contract#${payload}` });
    assert(validate(good), ajv.errorsText(validate.errors));
    assert(!validate(bad));
  });

  test(`${files}.asyncapi.json is AsyncAPI 3.0`, async () => {
    const { document, diagnostics } = await new Parser().parse(await read(`${files}.asyncapi.json`));
    const errors = diagnostics.filter(({ severity }) => severity === 0);
    assert.deepEqual(errors.map(({ message, path }) => `${path.join(".")}: ${message}`), []);
    const { actions, events } = await read(`${files}.schema.json`);
    const operations = document.operations();
    assert.equal(operations.filterByReceive().length, Object.keys(actions).length);
    assert.equal(operations.filterBySend().length, Object.keys(events).length);
    for (const operation of operations.filterByReceive()) {
      assert.equal(operation.reply().messages().length, 2, "a reply or an error");
    }
  });
}
