// What stands above a list: figures, the histogram, views, columns, exports.
import { readFile } from "node:fs/promises";
import { documented, harbor } from "../known";
import { expect, expectAccessible, searchField, test } from "./fixtures";

/** What axe looks at in a menu; the list below it is partly hidden, which it takes for small targets. */
const inMenus = ["color-contrast", "label", "button-name", "link-name", "aria-allowed-attr", "list", "listitem"];

test("figures follow the search", async ({ page, open }) => {
  await open(harbor.list);
  const figures = page.getByRole("region", { name: "Summary of these runs" });
  await expect(figures.getByText("25.0%")).toBeVisible();
  await searchField(page).fill("status:failure ");
  await expect(figures.getByText("100%")).toBeVisible();
  await expect(figures.locator("dd").first()).toHaveText("1");
});

test("a stretch of time is chosen by dragging, and taken back", async ({ page, open }) => {
  await open("/acme/agents/support-assistant/runs");
  const chart = page.locator(".histogram svg");
  const box = (await chart.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.up();
  await expect(page).toHaveURL(/q=time:2\d\d\d-.*\.\.2/);
  await expect(page.getByRole("link", { name: "Reset time range" })).toBeVisible();
  await page.goBack();
  await expect(page).not.toHaveURL(/time:/);
});

test("a stretch of time is chosen from the keyboard", async ({ page, open }) => {
  await open("/acme/agents/support-assistant/runs");
  const first = page.getByRole("slider", { name: "First bar" });
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(first).toHaveAttribute("aria-valuetext", /runs?/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=time:/);
});

test("columns are added, moved, widened and removed", async ({ page, open }) => {
  await open(harbor.list);
  await page.getByText("Columns", { exact: true }).click();
  await page.getByLabel("Add a column").fill("metadata.tide");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("columnheader", { name: "tide" })).toBeVisible();
  await page.getByRole("button", { name: "Move forward tide" }).click();
  await expect(page.getByRole("columnheader").nth(-2)).toHaveText("tide");
  await page.getByRole("button", { name: "Increase width tide" }).click();
  await expect(page).toHaveURL(/metadata\.tide:192/);
  await page.getByRole("button", { name: "Remove Output" }).click();
  await expect(page.getByRole("columnheader", { name: "Output" })).toHaveCount(0);
  await expectAccessible(page, "with the menu of columns open", inMenus);
  await page.getByRole("link", { name: "Reset columns" }).click();
  await expect(page).not.toHaveURL(/columns=/);
});

test("a view is kept, opened and deleted", async ({ page, open }) => {
  await open(`${harbor.list}?q=status:success&sort=-latency`);
  await page.getByText("Views", { exact: true }).click();
  await page.getByLabel("Save as view").fill("Slow successes");
  await page.getByLabel("Default view of this agent").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("link", { name: /Slow successes/ })).toBeVisible();
  await expectAccessible(page, "with the menu of views open", inMenus);
  await open(harbor.list.replace("/runs", ""));
  await expect(page).toHaveURL(/q=status:success&sort=-latency/);
  await page.getByText("Views", { exact: true }).click();
  await page.getByRole("button", { name: "Delete view Slow successes" }).click();
  await expect(page.getByText("No views yet")).toBeVisible();
  await open(harbor.list.replace("/runs", ""));
  await expect(page).toHaveURL(/\/runs$/);
});

test("everything that is found is exported, with its progress", async ({ page, open }) => {
  await open(`${harbor.list}?q=status:success`);
  await page.getByText("Export", { exact: true }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: /JSON Lines/ }).click();
  const file = await (await download).path();
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).status)).toEqual(["success", "success", "success"]);
  await expect(page.getByText("3 runs exported.")).toBeVisible();
  const chat = page.waitForEvent("download");
  await page.getByRole("link", { name: /Chat fine-tuning/ }).click();
  await chat;
  await expect(page.getByText("2 left out: 2 have no messages.")).toBeVisible();
  await expectAccessible(page, "with the menu of exports open", inMenus);
});

test("a run long before the others does not flatten the histogram", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/runs`);
  await expect(page.locator(".histogram-said")).toHaveText("1 earlier run not shown");
  await expect(page.locator(".histogram .time-axis")).not.toContainText("2025");
});
