// Columns as wide as somebody wants them.
import type { Page } from "@playwright/test";
import { harbor } from "../known";
import { expect, expectAccessible, rows, test } from "./fixtures";

const head = (page: Page, name: string) => page.getByRole("columnheader", { name });
const handle = (page: Page, name: string) => page.getByRole("separator", { name: `Width of ${name}` });

async function width(page: Page, name: string) {
  return Math.round((await head(page, name).boundingBox())!.width);
}

test("an edge is dragged, and the width is in the address", async ({ page, open }) => {
  await open(harbor.list);
  const before = await width(page, "Latency");
  const edge = (await handle(page, "Latency").boundingBox())!;
  const [x, y] = [edge.x + edge.width / 2, edge.y + edge.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 30, y + 40);
  await page.mouse.move(x + 60, y + 60);
  // It moves with the pointer, before the address has it.
  expect(await width(page, "Latency")).toBe(before + 60);
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`latency:${before + 60}`));
  await page.reload();
  expect(await width(page, "Latency")).toBe(before + 60);
  await expectAccessible(page, "with wider columns");
  await handle(page, "Latency").dblclick();
  await expect(page).not.toHaveURL(/latency:/);
  await expect(rows(page)).toHaveCount(4);
});

test("the keyboard does the same, and keeps the focus", async ({ page, open }) => {
  await open(`${harbor.list}?columns=status,input,cost:100,time`);
  const edge = handle(page, "Cost");
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(edge).toHaveAttribute("aria-valuenow", "116");
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(page).toHaveURL(`${harbor.list}?columns=status,input,cost:40,time`);
  await expect(edge).toBeFocused();
  await page.keyboard.press("End");
  await expect(page).toHaveURL(`${harbor.list}?columns=status,input,cost:1200,time`);
  await expect(edge).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${harbor.list}?columns=status,input,cost,time`);
});

test("metadata keys and places are offered as columns", async ({ page, open }) => {
  await open(harbor.list);
  await page.getByText("Columns", { exact: true }).click();
  await page.getByLabel("Add a column").focus();
  const offered = page.locator("#column-names option");
  for (const name of ['metadata.pilot.name', "metadata.tide", "output.berth", "input.ship"]) {
    await expect(offered.and(page.locator(`[value='${name}']`)), name).toHaveCount(1);
  }
  await page.getByLabel("Add a column").fill("output.berth");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("columnheader", { name: "output.berth" })).toBeVisible();
});
