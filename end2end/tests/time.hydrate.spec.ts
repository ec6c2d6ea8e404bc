// Times in the reader's own zone, and charts that answer.
import { documented, harbor } from "../known";
import { server } from "../server";
import { expect, expectAccessible, hydrated, test } from "./fixtures";

test.use({ timezoneId: "Asia/Kolkata" });

test("a time is the reader's own, before and after the script, with UTC on hover", async ({ page }) => {
  // The app is held back, so that only the script of the document has run.
  let goOn = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(documented.page, { waitUntil: "commit" });
  const time = page.locator(".facts time").first();
  await expect(time).toHaveText(/ UTC\+5:30$/);
  await expect(time).toHaveAttribute("title", / UTC$/);
  await expect(page.locator("html.scripted")).toHaveCount(0);
  const before = await time.textContent();
  goOn();
  await hydrated(page);
  await expect(time).toHaveText(before!);
});

test.describe("charts", () => {
  test("a bar says its values and leads to its runs", async ({ page, open }) => {
    await open(`/acme/agents/support-assistant/stats`);
    const runs = page.getByRole("link", { name: /^Runs/ }).and(page.locator(".chart-hit"));
    const box = (await runs.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
    const said = page.locator(".chart-said");
    await expect(said.first()).toHaveText(/\d+ \w{3}.*: [\d,]+ runs?/);
    // All charts tell of the same time.
    await expect(said.nth(1)).toHaveText(/: (p50 .*|unknown)/);
    await expect(runs).toHaveAttribute("href", /q=time:/);
    await runs.click({ position: { x: box.width * 0.6, y: box.height / 2 } });
    await expect(page).toHaveURL(/\/runs\?q=time:2/);
    // The chip reads as a person writes it.
    await expect(page.locator(".chip-value").first()).toHaveText(/^\d+(–\d+)? \w{3}/);
  });

  test("a finger reads a bar first and opens it with a second tap", async ({ browser }) => {
    const context = await browser.newContext({
      storageState: server.signedIn, hasTouch: true, isMobile: true, viewport: { width: 400, height: 800 },
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/acme/agents/support-assistant/stats`);
    await hydrated(page);
    const runs = page.getByRole("link", { name: /^Runs/ }).and(page.locator(".chart-hit"));
    await runs.scrollIntoViewIfNeeded();
    const box = (await runs.boundingBox())!;
    const [x, y] = [box.x + box.width * 0.6, box.y + box.height / 2];
    await page.touchscreen.tap(x, y);
    await expect(page.locator(".chart-said").first()).toHaveText(/: [\d,]+ runs?/);
    await expect(page).toHaveURL(/stats$/);
    await page.touchscreen.tap(x, y);
    await expect(page).toHaveURL(/\/runs\?q=time:2/);
    await context.close();
  });

  test("the arrow keys read a chart aloud", async ({ page, open }) => {
    await open(`/acme/agents/support-assistant/stats`);
    const cost = page.getByRole("link", { name: /^Cost/ });
    await cost.focus();
    await page.keyboard.press("End");
    await expect(cost).toHaveAccessibleName(/^Cost, .*: (\$|unknown)/);
    const last = await cost.getAttribute("href");
    await page.keyboard.press("ArrowLeft");
    await expect(cost).not.toHaveAttribute("href", last!);
    await expectAccessible(page, "with a bar looked at");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/runs\?q=time:2/);
  });

  test("they name their zone and round moments", async ({ page, open }) => {
    await open(harbor.list);
    await expect(page.locator(".histogram .zone")).toHaveText(/^UTC(\+5:30)?$/);
    await open(`/acme/agents/support-assistant/stats?by=hour`);
    await expect(page.locator(".time-axis .zone").first()).toHaveText("UTC+5:30");
  });
});

test("a dragged stretch of hours reads as a person writes it", async ({ page, open }) => {
  await open(`${harbor.list}?q=${encodeURIComponent("time:2026-11-28T12:00Z..2026-11-28T13:29:59.999999Z")}`);
  const chip = page.locator(".chip-value");
  await expect(chip).toHaveText(/^28 Nov( 2026)?, 17:30–19:00$/);
  await expect(chip).toHaveAttribute("title", /2026-11-28T12:00Z\.\.2026-11-28T13:29:59\.999999Z/);
});

test("nothing of a small cost is cut off", async ({ page, open }) => {
  await open(`${harbor.list}?columns=input,cost`);
  const cost = page.locator("td.col-cost").first();
  const fits = await cost.evaluate((cell) => {
    cell.textContent = "$0.000000088";
    return cell.scrollWidth <= cell.clientWidth;
  });
  expect(fits).toBe(true);
});
