// What must be true at the end of every scenario.

import type { Outcome } from "./scenario";

/** What is wrong; nothing when all is well. */
export function verdict({ report, ran, kills }: Outcome): string[] {
  return [...sends(report.fates, ran, kills), ...events(report.told)];
}

/** Each send is answered once with what it asked for, or reported as failed; what is queued runs if it is answered. */
function sends(fates: Outcome["report"]["fates"], ran: readonly string[], kills: number): string[] {
  const wrong = [];
  for (const { action, number, answer, told } of fates) {
    const name = `${action} ${number}`;
    const runs = ran.filter((entry) => entry === name).length;
    if (told !== 1) wrong.push(`${name} was settled ${told} times`);
    if (typeof answer === "number" && answer !== number) wrong.push(`${name} was answered with ${answer}`);
    if (typeof answer === "number" && runs === 0) wrong.push(`${name} was answered and never run`);
    // What a killed process knew of its memory's actions died with it.
    if (runs > 1 + kills) wrong.push(`${name} ran ${runs} times, and the server was killed ${kills} times`);
  }
  return wrong;
}

/** Each number is one more than the one before, unless a gap was told in between. */
function events(told: Outcome["report"]["told"]): string[] {
  const wrong = [];
  let last: number | undefined;
  let gap = false;
  for (const entry of told) {
    if ("gap" in entry) {
      gap = true;
      continue;
    }
    const { tick } = entry;
    if (last !== undefined && tick <= last) wrong.push(`tick ${tick} came after ${last}`);
    if (last !== undefined && tick > last + 1 && !gap) wrong.push(`tick ${tick} came after ${last}, and no gap was told`);
    last = tick;
    gap = false;
  }
  return wrong;
}
