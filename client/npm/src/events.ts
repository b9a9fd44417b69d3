/** Events for `for await`. */

import { type Driver, Hook } from "./driver.ts";
import { failure } from "./error.ts";

type Step = IteratorResult<any, undefined>;

const DONE: Step = { value: undefined, done: true };

/** What comes of an event from here on. A reader that falls `limit` events behind is told so, and that is the end. */
export function iterate(driver: Driver, event: string, limit: number): AsyncIterableIterator<any, undefined> {
  const waiting: unknown[] = [];
  const readers: ((step: Step) => void)[] = [];
  let over = driver.state === "closed";
  let problem: unknown;

  const end = () => {
    over = true;
    for (const off of offs) off();
    for (const read of readers.splice(0)) read(DONE);
  };
  const offs = [
    driver.on(event, (value) => {
      if (readers.length) readers.shift()!({ value, done: false });
      else if (waiting.length < limit) waiting.push(value);
      else {
        problem = failure("!overflow", `${event}: `);
        end();
      }
    }),
    driver.on(Hook.State, ({ state }) => state === "closed" && end()),
  ];

  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (waiting.length) resolve({ value: waiting.shift(), done: false });
        else if (problem) reject(problem);
        else if (over) resolve(DONE);
        else readers.push(resolve);
      }),
    async return() {
      waiting.length = 0;
      problem = undefined;
      end();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
