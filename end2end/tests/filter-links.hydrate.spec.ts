// With Alt a value that is clicked excludes the runs that have it.
import { harbor } from "../known";
import { chips, expect, expectSearch, rows, searchField, test } from "./fixtures";

test("Alt-click excludes, and the opposite is taken back", async ({ page, open }) => {
  await open(harbor.list);
  const knut = rows(page).filter({ hasText: "Corvus" });
  await knut.getByRole("link", { name: "gpt-4o" }).click({ modifiers: ["Alt"] });
  await expect(page).toHaveURL(`${harbor.list}?q=-model:gpt-4o`);
  await expect(rows(page)).toHaveCount(2);
  await expect(chips(page)).toHaveText(["notmodelisgpt-4o"]);
  await page.goBack();
  await expect(page).toHaveURL(harbor.list);
  await expect(rows(page)).toHaveCount(4);
});

test("the keyboard does the same", async ({ page, open }) => {
  await open(harbor.list);
  await rows(page).filter({ hasText: "Corvus" }).getByRole("link", { name: "gpt-4o" }).focus();
  await page.keyboard.press("Alt+Enter");
  await expect(page).toHaveURL(`${harbor.list}?q=-model:gpt-4o`);
  await expectSearch(page, "-model:gpt-4o");
  await expect(rows(page)).toHaveCount(2);
  await rows(page).first().getByRole("link", { name: "gpt-4o-mini" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${harbor.list}?q=model:gpt-4o-mini+-model:gpt-4o`);
});

test("in the drawer a value narrows the list behind it", async ({ page, open }) => {
  await open(`${harbor.list}?q=moored&runId=${harbor.runs[1].id}`);
  const drawer = page.getByRole("complementary", { name: "Run" });
  await drawer.getByRole("link", { name: "Knut" }).click();
  await expect(page).toHaveURL(`${harbor.list}?q=metadata.pilot.name:Knut+moored`);
  await expect(drawer).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
  await expect(searchField(page)).toHaveValue("moored");
});
