// How long it takes from a key in the search field until the list that follows
// it is painted, in Chromium, debounce included. Prints figures and judges none.
//
//   scripts/keystrokes                          the runs that `make bench` has made
//   scripts/keystrokes --data DIR --program P   others
//
// Words of the list itself are typed letter by letter, each letter after the
// list has come to rest, so that every letter is measured.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: "../target/bench/1000000" },
    program: { type: "string", default: "../target/release/runs" },
    list: { type: "string", default: "/bench/agents/agent-00/runs" },
    words: { type: "string", default: "12" },
  },
});
const KEY = "rk_bench_0123456789abcdef0123456789";
const LETTERS = 6;

const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const server = spawn(options.program, ["serve"], {
  env: {
    ...process.env,
    RUNS_ADDR: `127.0.0.1:${port}`, RUNS_DATA_DIR: options.data, RUNS_ORG: "bench", RUNS_API_KEY: KEY, RUST_LOG: "warn",
  },
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  await ready();
  await measure();
} finally {
  server.kill("SIGTERM");
  await new Promise((resolve) => server.on("exit", resolve));
}

async function measure() {
  const browser = await chromium.launch({
    executablePath: process.env.RUNS_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    extraHTTPHeaders: { Authorization: `Bearer ${KEY}` },
  });
  await page.goto(base + options.list);
  await page.locator("html.scripted").waitFor();
  const text = (await page.locator("tbody td").allInnerTexts()).join(" ");
  const words = [...new Set(text.match(/\p{L}{6,}/gu) ?? [])].slice(0, Number(options.words));
  const field = page.locator("#q");
  await page.evaluate(watch);
  const [painted, offered] = [[], []];
  for (const word of words) {
    await field.fill("");
    await page.waitForTimeout(600);
    for (const letter of [...word].slice(0, LETTERS)) {
      await page.evaluate(() => window.measured.begin());
      await page.keyboard.type(letter);
      const times = await page.evaluate(() => window.measured.end());
      if (times.painted !== null) painted.push(times.painted);
      if (times.offered !== null) offered.push(times.offered);
    }
  }
  print(`keystroke to painted results (${words.length} words)`, painted);
  print("keystroke to painted suggestions", offered);
  await browser.close();
}

// In the page: from the event of the key to the frame after the last change
// that follows it. The list is stale from the question to its answer.
function watch() {
  const afterPaint = (then) => requestAnimationFrame(() => setTimeout(then, 0));
  let start = null;
  let wasStale = false;
  let times = {};
  // A letter that no key of the keyboard has comes without an event of a key.
  for (const kind of ["keydown", "beforeinput"]) {
    addEventListener(kind, (event) => (start ??= event.timeStamp), true);
  }
  new MutationObserver(() => {
    const isStale = document.querySelector(".table-wrap.stale") !== null;
    if (wasStale && !isStale) afterPaint(() => (times.painted = performance.now() - start));
    wasStale = isStale;
    const offer = document.querySelector(".search-offer");
    if (offer && start !== null && times.offered === null) {
      afterPaint(() => (times.offered ??= performance.now() - start));
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  window.measured = {
    begin() {
      start = null;
      wasStale = false;
      times = { painted: null, offered: null };
    },
    async end() {
      const limit = performance.now() + 3_000;
      while (times.painted === null && performance.now() < limit) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      // As long as a quick typist takes for the next letter.
      await new Promise((resolve) => setTimeout(resolve, 150));
      return times;
    },
  };
}

function print(what, samples) {
  const sorted = samples.toSorted((one, two) => one - two);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]?.toFixed(1) ?? "none";
  console.log(`| ${what} | 150 | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${at(1)} | ${sorted.length} letters`);
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.on("listening", resolve));
  const { port: free } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

async function ready() {
  const limit = Date.now() + 60_000;
  while (Date.now() < limit) {
    const answer = await fetch(`${base}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server was not ready after 60 s");
}
