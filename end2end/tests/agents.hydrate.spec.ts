// The list of agents follows what is typed.
import { crowd } from "../known";
import { expect, rows, test } from "./fixtures";

test("the list follows the typing, and keeps the focus in the field", async ({ page, open }) => {
  await open(`/${crowd.org}/agents`);
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Search agents" });
  await expect(field).toBeFocused();
  await field.pressSequentially("clerk-51");
  await expect(page).toHaveURL(`/${crowd.org}/agents?q=clerk-51`);
  await expect(rows(page)).toHaveCount(1);
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("clerk-51");
  await expect(page.getByRole("status").filter({ hasText: "1–1 of 1 agent" })).toHaveCount(1);
  await field.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/${crowd.org}/agents/clerk-51/runs`);
  await page.goBack();
  await expect(page).toHaveURL(`/${crowd.org}/agents?q=clerk-51`);
});
