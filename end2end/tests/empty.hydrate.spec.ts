// Sample runs for an organization without any.
import { empty } from "../known";
import { expect, test } from "./fixtures";

test("sample runs are one click away", async ({ page, open }) => {
  await open(`/${empty.scripted}/agents`);
  await page.getByRole("button", { name: "Load sample runs" }).click();
  await expect(page.getByRole("row", { name: "review-summary-generator" })).toBeVisible({ timeout: 30_000 });
});
