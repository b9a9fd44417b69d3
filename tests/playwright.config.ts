import { defineConfig } from "@playwright/test";

// Debian's Chromium, or the one named in CHROMIUM. Each test starts servers of its own.
export default defineConfig({
  projects: [
    { name: "e2e", testDir: "e2e" },
    { name: "fault", testDir: "fault" },
    { name: "bench", testDir: "bench" },
  ],
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
