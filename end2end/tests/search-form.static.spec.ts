// Without JavaScript the search is a form.
import { harbor } from "../known";
import { expect, rows, test } from "./fixtures";

test("Enter and the button search", async ({ page }) => {
  await page.goto(harbor.list);
  const box = page.getByRole("searchbox", { name: "Search runs" });
  await box.fill("status:failure");
  await box.press("Enter");
  await expect(page).toHaveURL(`${harbor.list}?q=status%3Afailure`);
  await expect(rows(page)).toHaveCount(1);

  await box.fill('"tide was late"');
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(`${harbor.list}?q=%22tide+was+late%22`);
  await expect(box).toHaveValue('"tide was late"');
  await expect(rows(page)).toHaveCount(1);
});
