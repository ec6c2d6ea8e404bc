import { defineConfig, devices } from "@playwright/test";
import { server } from "./server";

export default defineConfig({
  testDir: "./tests",
  // One server and one set of runs for all journeys.
  workers: 1,
  forbidOnly: !!process.env.CI,
  // Landing shares its two cores with nothing it can name; a second failure is a failure.
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    baseURL: server.url,
    // Recording every journey takes time: ask for it with `--trace=on`.
    screenshot: "only-on-failure",
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.RUNS_CHROMIUM || "/usr/bin/chromium",
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
  projects: [
    { name: "prepare", testMatch: "prepare.setup.ts" },
    {
      name: "hydrate",
      testIgnore: "**/*.static.spec.ts",
      dependencies: ["prepare"],
      use: { storageState: server.signedIn },
    },
    {
      // The same pages as they read without JavaScript.
      name: "no-js",
      testIgnore: "**/*.hydrate.spec.ts",
      dependencies: ["prepare"],
      use: { storageState: server.signedIn, javaScriptEnabled: false },
    },
  ],
  webServer: {
    command: `${server.program} serve`,
    cwd: server.checkout,
    url: `${server.url}/readyz`,
    timeout: 60_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
    stdout: "ignore",
    stderr: "pipe",
    env: server.environment,
  },
});
