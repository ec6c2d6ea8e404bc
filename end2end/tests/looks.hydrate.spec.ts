// Every kind of page in light and dark, on a laptop and on a phone.
import type { Page } from "@playwright/test";
import { crowd, documented, empty, harbor, rival, short } from "../known";
import { expect, expectAccessible, hydrated, notFoundOnConsole, searchField, signedOut, test } from "./fixtures";

const pages: [name: string, path: string][] = [
  ["agents", "/acme/agents"],
  ["agents, searched and sorted", `/${crowd.org}/agents?q=clerk&sort=-recent_cost`],
  ["runs of an agent of one letter", short.list],
  ["a run of one letter", `${short.list}/${short.run.id}`],
  ["a prompt of one letter as Markdown", `${short.list}/${short.run.id}/prompt?view=markdown`],
  ["what is found in a prompt", `${documented.page}/prompt?find=coffee`],
  ["runs of an agent", `/acme/agents/${documented.agent}/runs`],
  ["runs of all agents, searched", "/acme/runs?q=coffee"],
  ["a search that cannot be read", `${harbor.list}?q=latency:>soon`],
  ["a search without a match", `${harbor.list}?q=xylophone`],
  ["a search of many filters", `${harbor.list}?q=${encodeURIComponent(manyFilters())}`],
  ["an organization without runs", `/${empty.plain}/agents`],
  ["a run", documented.page],
  ["a run as raw JSON", `${documented.page}?view=raw`],
  ["a failed run", `${harbor.list}/${harbor.runs[2].id}`],
  ["a chat over its list", "/acme/agents/support-assistant/runs"],
  ["a prompt", `${harbor.list}/${harbor.runs[3].id}/prompt`],
  ["a prompt as Markdown", `${documented.page}/prompt?view=markdown`],
  ["stats", `/acme/agents/${documented.agent}/stats`],
  ["chosen columns", `${harbor.list}?columns=status,metadata.tide,output.berth,input,latency,cost,tokens,time`],
  ["versions", `/acme/agents/${documented.agent}/versions`],
  ["the playground", `/acme/agents/${documented.agent}/playground?taskRunId1=${documented.id}`],
  ["an agent's settings", `/acme/agents/${documented.agent}/settings`],
  ["keys", "/acme/settings/keys"],
  ["members", "/acme/settings/members"],
  ["status", "/acme/settings/status"],
];

/** Twenty filters, some of them very long, one excluded, one written from right to left. */
function manyFilters() {
  const filters = ["-status:failure", `metadata.note:"${"very long ".repeat(30).trim()}"`, 'metadata.name:"שלום עולם"'];
  return [...filters, ...Array.from({ length: 17 }, (_, index) => `tokens:>${index}`), "moored"].join(" ");
}

// Two sizes and two themes of a page take axe a while.
test.describe.configure({ timeout: 60_000 });

const sizes = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
  // A laptop's window at four times its size, which WCAG 2.2 asks for.
  { width: 320, height: 640 },
];

async function expectGoodLooks(page: Page) {
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    const overhang = await page.evaluate(() => {
      const root = document.documentElement;
      return root.scrollWidth - root.clientWidth;
    });
    expect.soft(overhang, `no sideways scrolling at ${viewport.width} px`).toBe(0);
    if (viewport.width === 360) {
      continue;
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await expectAccessible(page, `at ${viewport.width} px, light`);
    // In the dark the same elements have other colours, and nothing else is new.
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await expectAccessible(page, `at ${viewport.width} px, dark`, ["color-contrast"]);
  }
}

for (const [name, path] of pages) {
  test(name, async ({ page, open }) => {
    await open(path);
    if (name === "a chat over its list") {
      await page.locator("tbody").getByRole("row").first().locator("[data-row]").click();
      await expect(page.getByRole("complementary", { name: "Run" }).getByRole("heading").first()).toBeVisible();
    }
    await expectGoodLooks(page);
  });
}

test("what a search offers", async ({ page, open }) => {
  await open(`${harbor.list}?q=status:success`);
  await searchField(page).pressSequentially("model:");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await expectGoodLooks(page);
});

test("a phone shows how runs ended, and the whole syntax menu", async ({ page, open }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(`${harbor.list}?q=status:failure`);
  const dot = page.locator("tbody .dot").first();
  await expect(dot).toBeVisible();
  const box = (await dot.boundingBox())!;
  const uncovered = await page.evaluate(
    ([x, y]) => document.elementFromPoint(x, y)?.closest("tr")?.querySelector(".col-status .dot") != null,
    [box.x + box.width / 2, box.y + box.height / 2],
  );
  expect(uncovered).toBe(true);
  await page.getByText("Search help", { exact: true }).click();
  const menu = (await page.locator(".search-help .menu-body").boundingBox())!;
  expect(menu.x).toBeGreaterThanOrEqual(0);
  expect(menu.x + menu.width).toBeLessThanOrEqual(360);
  expect(menu.y).toBeGreaterThanOrEqual(0);
  expect(menu.y + menu.height).toBeLessThanOrEqual(740);
});

test("the help", async ({ page, open }) => {
  await open("/acme/agents");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await expectGoodLooks(page);
});

test("the chosen theme stays", async ({ page, open }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open("/acme/agents");
  await page.getByRole("button", { name: "Toggle light and dark theme" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await hydrated(page);
});

test.describe("not found", () => {
  test.use({ allowedOnConsole: notFoundOnConsole });
  test("a page of others", async ({ page, open }) => {
    await open(`/${rival.org}/agents`);
    await expectGoodLooks(page);
  });
});

test.describe("signed out", () => {
  test.use({ storageState: signedOut });
  test("sign-in after a wrong password", async ({ page, open }) => {
    await open("/login?next=%2F&error=wrong_credentials");
    await expectGoodLooks(page);
  });
});
