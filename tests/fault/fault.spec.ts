// Scenarios of broken networks and killed servers, each made by a number, its seed.
//
//     npm run fault -w @gatewire/tests                            200 scenarios
//     SEED=1234567 SCENARIOS=1 npm run fault -w @gatewire/tests   the one that failed, again

import { expect, test as base } from "@playwright/test";
import { serveFiles } from "../e2e/files";
import { Scenario } from "./scenario";
import { verdict } from "./verdict";

/** How many run at the same time; they wait more than they work. */
const TOGETHER = 20;

const scenarios = Number(process.env["SCENARIOS"] ?? TOGETHER);
const firstSeed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));

const FILES: Record<string, string> = {
  "/gatewire.js": "client/npm/dist/index.js",
  "/drill.js": "tests/fault/drill.js",
};

const test = base.extend<{ origin: string }>({
  origin: async ({}, use) => {
    const files = await serveFiles(FILES);
    await use(files.origin);
    files.close();
  },
});

for (let start = 0; start < scenarios; start += TOGETHER) {
  const count = Math.min(TOGETHER, scenarios - start);
  const seeds = Array.from({ length: count }, (_, index) => firstSeed + start + index);
  test(`scenarios ${start + 1} to ${start + count}`, async ({ browser, origin }) => {
    test.setTimeout(300_000);
    const failures = await Promise.all(
      seeds.map(async (seed) => {
        try {
          const outcome = await Scenario.run(seed, browser, origin);
          const wrong = verdict(outcome);
          return wrong.length === 0 ? [] : [{ seed, wrong, ...outcome }];
        } catch (problem) {
          return [{ seed, wrong: [String(problem)] }];
        }
      }),
    );
    for (const failure of failures.flat()) console.log(JSON.stringify(failure, null, 1));
    expect(failures.flat().map(({ seed, wrong }) => `SEED=${seed}: ${wrong.join("; ")}`)).toEqual([]);
  });
}
