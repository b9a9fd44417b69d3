/** Events for `for await`. */

import { type Driver, Hook } from "./driver.ts";
import { failure } from "./error.ts";

type Step = IteratorResult<any, undefined>;

const DONE: Step = { value: undefined, done: true };

/** What comes of an event from here on. A reader that falls `limit` events behind is told so, and that is the end. */
export function iterate(driver: Driver, event: string, limit: number): AsyncIterableIterator<any, undefined> {
  const steps: (Step | Error)[] = [];
  const readers: ((step: Step) => void)[] = [];
  let over = driver.state === "closed";

  const end = () => {
    over = true;
    for (const off of offs) off();
    for (const read of readers) read(DONE);
  };
  const offs = [
    driver.on(event, (value) => {
      const step = { value, done: false };
      if (readers.length) readers.shift()!(step);
      else if (steps.push(step) > limit) {
        steps[limit] = failure("!overflow", `${event}: `);
        end();
      }
    }),
    driver.on(Hook.State, ({ state }) => state === "closed" && end()),
  ];

  return {
    async next() {
      const step = steps.shift();
      if (step instanceof Error) throw step;
      return step ?? (over ? DONE : new Promise((resolve) => readers.push(resolve)));
    },
    async return() {
      steps.length = 0;
      end();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
