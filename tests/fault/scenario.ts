// One scenario: a server, a proxy and a page, and what a seed does to them.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Browser, Page } from "@playwright/test";
import { program, Server } from "../e2e/process";
import { drill, type Report } from "./page";
import { Proxy } from "./proxy";
import { Random } from "./random";

/** How long a send waits, in milliseconds: longer than it takes to find out that a line is dead. */
const TIMEOUT = 30_000;

/** How long the end may take to come, in milliseconds, before the scenario has failed. */
const PATIENCE = 60_000;

/** What happened, for the verdict. */
export interface Outcome {
  readonly report: Report;
  /** What the server ran: `work 3`. */
  readonly ran: readonly string[];
  /** How often the server was killed. */
  readonly kills: number;
  /** What was done, for whoever looks into a failure. */
  readonly steps: readonly string[];
}

export class Scenario {
  readonly #random: Random;
  readonly #steps: string[] = [];
  #kills = 0;

  private constructor(
    seed: number,
    private readonly page: Page,
    private readonly proxy: Proxy,
    private readonly data: string,
    private server: Server,
  ) {
    this.#random = new Random(seed);
  }

  /** Runs the scenario of this seed against a page of `origin`. */
  static async run(seed: number, browser: Browser, origin: string): Promise<Outcome> {
    const data = await mkdtemp(join(tmpdir(), "gatewire-drill-"));
    const proxy = await Proxy.start();
    const page = await browser.newPage();
    const scenario = new Scenario(seed, page, proxy, data, await start(data, proxy));
    try {
      await page.goto(origin);
      await page.evaluate(drill, [`ws://127.0.0.1:${proxy.port}/ws`, TIMEOUT] as [string, number]);
      return await scenario.#run();
    } finally {
      await page.context().close();
      proxy.stop();
      await scenario.server.end("SIGKILL");
      await rm(data, { recursive: true });
    }
  }

  async #run(): Promise<Outcome> {
    for (let step = this.#random.between(3, 8); step > 0; step--) {
      await this.#send();
      await pause(this.#random.between(0, 400));
      await this.#harm();
      await pause(this.#random.between(0, 600));
    }
    this.#note("heal");
    this.proxy.heal();
    await this.#send();
    const counted = Number(await readFile(join(this.data, "counted"), "utf8"));
    await this.page.waitForFunction((counted) => window.drilled.settled(counted), counted, { timeout: PATIENCE });
    const report = await this.page.evaluate(() => window.drilled.report());
    const ran = (await readFile(join(this.data, "ran"), "utf8")).trimEnd().split("\n");
    return { report, ran, kills: this.#kills, steps: this.#steps };
  }

  async #send(): Promise<void> {
    const random = this.#random;
    const sends = [random.pick(["work", "keep"] as const), random.between(0, 12), random.between(0, 3_000)] as const;
    this.#note(`send ${sends.join(" ")}`);
    await this.page.evaluate((sends) => window.drilled.send(...sends), sends);
  }

  async #harm(): Promise<void> {
    const { proxy } = this;
    const random = this.#random;
    const kind = random.pick(
      ["cut", "close", "tear", "stall", "half-open", "refuse", "crumble", "duplicate", "kill", "restart"] as const,
    );
    const size = random.between(1, 1_500);
    this.#note(`${kind} ${size}`);
    switch (kind) {
      case "cut":
        return proxy.cut();
      case "close":
        return proxy.close();
      case "tear":
        return proxy.tear(size);
      case "half-open":
        return proxy.halfOpen();
      case "crumble":
        return proxy.crumble(1 + (size % 7));
      case "duplicate":
        return proxy.duplicate();
      case "stall":
        proxy.stall();
        await pause(size);
        return proxy.release();
      case "refuse":
        proxy.refuse(true);
        proxy.cut();
        await pause(size);
        return proxy.refuse(false);
      case "kill":
        this.#kills++;
        return this.#replace("SIGKILL", size);
      case "restart":
        return this.#replace("SIGTERM", size);
    }
  }

  async #replace(signal: "SIGKILL" | "SIGTERM", absence: number): Promise<void> {
    await this.server.end(signal);
    await pause(absence);
    this.server = await start(this.data, this.proxy);
  }

  #note(step: string): void {
    this.#steps.push(step);
  }
}

async function start(data: string, proxy: Proxy): Promise<Server> {
  const server = await Server.start(program("drill", "DRILL_SERVER"), "--data", data);
  proxy.upstream = server.port;
  return server;
}
