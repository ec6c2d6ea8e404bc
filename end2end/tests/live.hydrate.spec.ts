// New runs while somebody looks at a list, sent by another client.
import type { APIRequestContext, Page } from "@playwright/test";
import { send } from "../known";
import { server } from "../server";
import { expect, expectAccessible, hydrated, rows, test } from "./fixtures";

// Every journey has an agent of its own, so that no other one's runs arrive in it.
const list = (agent: string) => `/${server.org}/agents/${agent}/runs`;

async function put(request: APIRequestContext, agent: string, ...texts: string[]) {
  await send(
    request,
    server.key,
    texts.map((text) => ({ agent, input: { text }, output: "ok" })),
  );
}

/** Opens a list and waits until it follows its stream. */
async function follow(page: Page, open: (path: string) => Promise<void>, path: string) {
  const stream = page.waitForRequest(/\/runs\/live\?/);
  await open(path);
  await stream;
}

const pill = (page: Page) => page.getByRole("button", { name: /new runs?$/ });

test("a pill counts what arrived and shows it", async ({ page, open, request }) => {
  const agent = "live-pill";
  await put(request, agent, "first");
  await follow(page, open, list(agent));
  await expect(rows(page)).toHaveCount(1);
  await put(request, agent, "second");
  await expect(pill(page)).toHaveText("1 new run");
  await put(request, agent, "third", "fourth");
  await expect(pill(page)).toHaveText("3 new runs");
  await expect(page.getByRole("status").filter({ hasText: "3 new runs" })).toBeAttached();
  await expectAccessible(page, "with the pill");
  await expect(rows(page)).toHaveCount(1);
  await pill(page).click();
  await expect(rows(page)).toHaveCount(4);
  await expect(pill(page)).toHaveCount(0);
});

test("the figures follow what the list shows", async ({ page, open, request }) => {
  const agent = "live-figures";
  const runs = page.locator(".overview .figures dd").first();
  const bars = page.locator(".overview .histogram svg");
  await put(request, agent, "first");
  await follow(page, open, list(agent));
  await expect(runs).toHaveText("1");
  await put(request, agent, "second");
  await pill(page).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(runs).toHaveText("2");
  await page.getByRole("button", { name: "Live" }).click();
  await send(request, server.key, [{ agent, input: { text: "third" }, error: { code: "broken", message: "no" } }]);
  await expect(rows(page)).toHaveCount(3);
  await expect(runs).toHaveText("3");
  await expect(page.locator(".overview .figures")).toContainText("33");
  await expect(bars).toHaveAttribute("aria-label", /: 3 in all, 1 failed/);
});

test("only what matches the search is told", async ({ page, open, request }) => {
  const agent = "live-search";
  await put(request, agent, "fog one");
  await follow(page, open, `${list(agent)}?q=fog`);
  await put(request, agent, "sunshine");
  await put(request, agent, "fog two");
  await expect(pill(page)).toHaveText("1 new run");
  await pill(page).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(`${list(agent)}?q=fog`);
});

test("in live mode runs appear by themselves, and what was open stays", async ({ page, open, request }) => {
  const agent = "live-mode";
  await put(request, agent, "first", "second");
  await open(list(agent));
  const stream = page.waitForRequest(/\/runs\/live\?/);
  const toggle = page.getByRole("button", { name: "Live" });
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  await expect(page).toHaveURL(`${list(agent)}?live=1`);
  await stream;
  await rows(page).filter({ hasText: "first" }).getByRole("link", { name: "text: first" }).click();
  const drawer = page.getByRole("complementary", { name: "Run" });
  await expect(drawer).toContainText("first");
  await put(request, agent, "third");
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first()).toContainText("third");
  await expect(rows(page).filter({ hasText: "first" })).toHaveClass(/selected/);
  await expect(drawer).toContainText("first");
  await expect(pill(page)).toHaveCount(0);

  await page.reload();
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  await hydrated(page);
  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
  await toggle.click();
  await expect(page).not.toHaveURL(/live=1/);
});

test("the place in a long list stays while runs come in above", async ({ page, open, request }) => {
  const agent = "live-scroll";
  await put(request, agent, ...Array.from({ length: 45 }, (_, n) => `number ${n}.`));
  await page.setViewportSize({ width: 1024, height: 480 });
  await follow(page, open, `${list(agent)}?live=1`);
  const row = rows(page).filter({ hasText: "number 10." });
  await row.scrollIntoViewIfNeeded();
  const before = await row.boundingBox();
  await put(request, agent, "newest");
  await expect(rows(page)).toHaveCount(46);
  const after = await row.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
});

test("a hidden page rests, and is told afterwards what it missed", async ({ page, open, request }) => {
  const agent = "live-hidden";
  await put(request, agent, "first");
  await follow(page, open, list(agent));
  await put(request, agent, "second");
  await expect(pill(page)).toHaveText("1 new run");
  const show = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, hidden);
  await show(true);
  await put(request, agent, "third");
  const stream = page.waitForRequest(/\/runs\/live\?/);
  await show(false);
  await stream;
  await expect(pill(page)).toHaveText("2 new runs");
});

test("a lost connection leaves no gap", async ({ page, open, request, context }) => {
  const agent = "live-lost";
  await put(request, agent, "first");
  await follow(page, open, list(agent));
  await put(request, agent, "second");
  await expect(pill(page)).toHaveText("1 new run");
  await context.setOffline(true);
  await put(request, agent, "third");
  await context.setOffline(false);
  await expect(pill(page)).toHaveText("2 new runs", { timeout: 15_000 });
});
