// Going anywhere by its name.
import { documented, harbor } from "../known";
import { chips, expect, expectAccessible, searchField, test } from "./fixtures";

const dialog = { name: "Go to" };

test("an agent, a page, a search and a run by its id", async ({ page, open }) => {
  await open(harbor.list);
  // A search of its own, to come back to.
  await searchField(page).pressSequentially("status:failure ");
  await expect(chips(page)).toHaveCount(1);
  await searchField(page).press("Enter");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", dialog);
  const field = palette.getByRole("combobox", dialog);
  await expect(field).toBeFocused();
  await expect(palette.getByRole("group", { name: "Recent searches" }).getByRole("option")).toContainText(["status:failure"]);

  await field.pressSequentially("review summ");
  const first = palette.getByRole("option").first();
  await expect(first).toContainText(documented.agent);
  await expect(first).toHaveAttribute("aria-selected", "true");
  await field.press("Enter");
  await expect(page).toHaveURL(`/acme/agents/${documented.agent}/runs`);
  await expect(palette).toBeHidden();

  await page.keyboard.press("Control+K");
  await expect(field).toHaveValue("");
  await field.pressSequentially("providers");
  await expect(palette.getByRole("group", { name: "Pages" }).getByRole("option")).toHaveText(/^Providers/);
  await palette.getByRole("option", { name: "Providers Settings" }).click();
  await expect(page).toHaveURL("/acme/settings/providers");

  await page.getByRole("button", dialog).click();
  await field.fill(`http://example.com/acme/runs/${documented.id}?view=raw`);
  await field.press("Enter");
  await expect(page).toHaveURL(documented.page);
  await page.goBack();
  await expect(page).toHaveURL("/acme/settings/providers");

  await page.keyboard.press("Control+k");
  await field.pressSequentially("late tide");
  await expect(palette.getByRole("group", { name: "Search" }).getByRole("option")).toHaveText(/^late tideAll runs/);
  await field.press("ArrowUp");
  await field.press("Enter");
  await expect(page).toHaveURL("/acme/runs?q=late+tide");
});

test("it is a dialog for the keyboard and for screen readers", async ({ page, open }) => {
  await open("/acme/agents");
  const palette = page.getByRole("dialog", dialog);
  await page.getByRole("button", dialog).press("Enter");
  const field = palette.getByRole("combobox", dialog);
  await expect(palette.getByRole("option").first()).toBeVisible();
  const active = () => field.getAttribute("aria-activedescendant");
  expect(await active()).toBe("palette-option-0");
  await field.press("ArrowDown");
  expect(await active()).toBe("palette-option-1");
  for (const width of [1440, 320]) {
    await page.setViewportSize({ width, height: 740 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page, `at ${width} px, ${colorScheme}`);
    }
  }
  await field.fill("nothing has such a name");
  await expect(palette.getByRole("status")).toHaveText("1 result");
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(page.getByRole("button", dialog)).toBeFocused();
});
