// What runs in the page: it sends, listens, and writes down what it was told.

import type { DrillActions, DrillEvents } from "@gatewire/drill";
import type * as gatewire from "gatewire";

type Drill = { actions: DrillActions; events: DrillEvents };

/** What became of one send. */
export interface Fate {
  readonly action: "work" | "keep";
  readonly number: number;
  /** The number of the reply, or the code of the error; nothing while it is not known. */
  readonly answer?: number | string;
  /** How often the promise was settled. */
  readonly told: number;
}

/** Everything in the order in which the page was told. */
export type Told = { readonly tick: number } | { readonly gap: true };

/** What the page knows at the end. */
export interface Report {
  readonly fates: readonly Fate[];
  readonly told: readonly Told[];
  readonly state: gatewire.State;
  readonly problems: readonly string[];
}

export interface Drilled {
  send(action: Fate["action"], count: number, padding: number): void;
  /** Whether every send has an answer and the counting has come this far, or the session has ended. */
  settled(number: number): boolean;
  report(): Report;
}

/** Runs in the page, so it uses nothing but its arguments. */
export async function drill([url, timeout]: [string, number]): Promise<void> {
  const library: typeof gatewire = await import("/gatewire.js" as string);
  const { drill }: { drill: gatewire.Contract<Drill> } = await import("/drill.js" as string);
  const fates: { -readonly [K in keyof Fate]: Fate[K] }[] = [];
  const told: Told[] = [];
  const problems: string[] = [];
  let last = 0;
  const session = library.createSession(drill, url, {
    timeout,
    onProblem: (problem) => problems.push(String(problem)),
  });
  session.on("tick", ({ number }) => {
    told.push({ tick: number });
    last = number;
  });
  session.onGap(() => told.push({ gap: true }));

  const drilled: Drilled = {
    send(action, count, padding) {
      for (; count > 0; count--) {
        const fate: (typeof fates)[number] = { action, number: fates.length + 1, told: 0 };
        fates.push(fate);
        const sent =
          action === "work"
            ? session.send("work", { number: fate.number, padding: "x".repeat(padding) })
            : session.send("keep", { number: fate.number, lane: `lane ${fate.number % 3}` });
        const settle = (answer: number | string) => {
          fate.answer = answer;
          fate.told++;
        };
        sent.then(
          (done) => settle(done.number),
          (error) => settle(error.code ?? String(error)),
        );
      }
    },
    settled: (number) =>
      fates.every((fate) => fate.told > 0) && (last >= number || session.state === "closed"),
    report: () => ({ fates, told, state: session.state, problems }),
  };
  Object.assign(window, { drilled });
}

declare global {
  interface Window {
    drilled: Drilled;
  }
}
