// Files of the repository, served to a page that has nothing else: plain modules, no build step.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { repository } from "./process";

/** A server of an empty page and some modules. */
export interface Files {
  /** The address of the page. */
  readonly origin: string;
  close(): void;
}

/** Serves these modules, named by their path in the URL, and an empty page everywhere else. */
export async function serveFiles(modules: Record<string, string>): Promise<Files> {
  const server = http.createServer(async ({ url = "/" }, response) => {
    const file = modules[url];
    response.setHeader("content-type", file === undefined ? "text/html" : "text/javascript");
    response.end(file === undefined ? "<!doctype html>" : await readFile(join(repository, file)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
