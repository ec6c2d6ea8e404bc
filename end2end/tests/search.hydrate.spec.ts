// Searching as one types.
import { harbor } from "../known";
import { chips, expect, expectSearch, rows, searchField, test } from "./fixtures";

test("results follow the typing, and Back leads out of the search", async ({ page, open }) => {
  await open(harbor.list);
  await expect(rows(page)).toHaveCount(4);
  const box = searchField(page);
  await box.pressSequentially("tid");
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(`${harbor.list}?q=tid`);
  await box.pressSequentially("e -borealis");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(`${harbor.list}?q=tide+-borealis`);
  await expect(page.locator("tbody mark")).toHaveText(["tide"]);
  await expect(page.getByRole("status").filter({ hasText: "1–1 of 1 run" })).toBeAttached();

  await page.reload();
  await expect(box).toHaveValue("tide -borealis");
  await expect(rows(page)).toHaveCount(1);

  await page.goBack();
  await expect(page).toHaveURL(harbor.list);
  await expect(box).toHaveValue("");
  await expect(rows(page)).toHaveCount(4);
});

test("a finished filter becomes a chip and an entry of the history, letters do not", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("status:success ");
  await expect(chips(page)).toHaveCount(1);
  await expect(chips(page)).toHaveText(["statusissuccess"]);
  await expect(box).toHaveValue("");
  await expect(page).toHaveURL(`${harbor.list}?q=status:success`);
  await expect(rows(page)).toHaveCount(3);
  await box.pressSequentially("latency:>2s moored");
  await expect(chips(page)).toHaveCount(2);
  await expect(page).toHaveURL(`${harbor.list}?q=status:success+latency:%3E2s+moored`);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Borealis");

  await page.goBack();
  await expect(page).toHaveURL(`${harbor.list}?q=status:success+latency:%3E2s`);
  await expect(chips(page)).toHaveCount(2);
  await expect(box).toHaveValue("");
  await page.goBack();
  await expect(page).toHaveURL(`${harbor.list}?q=status:success`);
  await expect(chips(page)).toHaveCount(1);
  await expect(rows(page)).toHaveCount(3);
  await page.goBack();
  await expect(page).toHaveURL(harbor.list);
  await expect(chips(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(4);
});

test("a pasted search becomes chips", async ({ page, open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(harbor.list);
  const q = 'metadata.pilot.name:Knut -status:failure "late at night"';
  await page.evaluate((text) => navigator.clipboard.writeText(text), q);
  await searchField(page).focus();
  await page.keyboard.press("ControlOrMeta+v");
  await expect(chips(page)).toHaveCount(2);
  await expect(searchField(page)).toHaveValue('"late at night"');
  await expect(rows(page)).toHaveCount(1);
  await expectSearch(page, q);
  await page.reload();
  await expectSearch(page, q);
  await expect(rows(page)).toHaveCount(1);
});

test("what is typed by hand means what it says", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("status:failure OR (latency:>2s model:gpt-4o) ");
  await expect(chips(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(`${harbor.list}?q=status:failure+OR+latency:%3E2s+model:gpt-4o`);
});

test("chips are reached, changed and removed by keyboard", async ({ page, open }) => {
  await open(`${harbor.list}?q=model:gpt-4o+status:success+tide`);
  const box = searchField(page);
  await expect(chips(page)).toHaveCount(2);
  await box.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await expect(chips(page).nth(1).getByRole("button", { name: "success", exact: true })).toBeFocused();
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press("ArrowLeft");
  }
  await expect(chips(page).nth(0).getByRole("button", { name: "gpt-4o", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(box).toBeFocused();
  await expect(box).toHaveValue("model:gpt-4o tide");
  await page.keyboard.type("gpt-4o-mini");
  await page.keyboard.press("Enter");
  await expectSearch(page, "model:gpt-4o-mini status:success tide");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Aurora");

  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Delete");
  await expect(chips(page)).toHaveCount(1);
  await expect(box).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Delete");
  await expect(chips(page)).toHaveCount(0);
  await expect(box).toBeFocused();
  await expect(page).toHaveURL(`${harbor.list}?q=tide`);
});

test("Backspace walks back into the last chip part by part", async ({ page, open }) => {
  await open(`${harbor.list}?q=latency:%3E%3D2s`);
  const box = searchField(page);
  await box.focus();
  await page.keyboard.press("Backspace");
  await expect(chips(page)).toHaveCount(0);
  await expect(box).toHaveValue("latency:>=");
  await page.keyboard.press("Backspace");
  await expect(box).toHaveValue("latency:");
  await page.keyboard.press("Backspace");
  await expect(box).toHaveValue("");
  await expect(page).toHaveURL(harbor.list);
  await expect(rows(page)).toHaveCount(4);
});

test("suggestions lead from the field over the operator to the value", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  const options = page.getByRole("option");
  await expect(box).toHaveAttribute("aria-expanded", "false");
  await box.pressSequentially("stat");
  await expect(box).toHaveAttribute("aria-expanded", "true");
  await expect(options.first()).toContainText("status");
  await page.keyboard.press("Tab");
  await expect(box).toHaveValue("status:");
  await expect(options.filter({ hasText: "failure" })).toBeVisible();
  await page.keyboard.type("f");
  await expect(options.first()).toContainText("failure");
  await page.keyboard.press("ArrowDown");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await expect(box).toHaveAttribute("aria-activedescendant", (await options.first().getAttribute("id"))!);
  await page.keyboard.press("Enter");
  await expectSearch(page, "status:failure");
  await expect(box).toHaveAttribute("aria-expanded", "false");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(`${harbor.list}?q=status:failure`);

  await page.keyboard.type("lat");
  await expect(options.first()).toContainText("latency");
  await page.keyboard.press("Escape");
  await expect(options).toHaveCount(0);
  await expect(box).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(box).not.toBeFocused();
});

test("places in the data are suggested with their values", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  const options = page.getByRole("option");
  await box.pressSequentially("metadata.");
  await options.filter({ hasText: "pilot.name" }).click();
  await expect(box).toHaveValue("metadata.pilot.name:");
  await options.filter({ hasText: "Knut" }).click();
  await expectSearch(page, "metadata.pilot.name:Knut");
  await expect(rows(page)).toHaveCount(2);
});

test("in an empty field Tab leads on", async ({ page, open }) => {
  await open(harbor.list);
  await searchField(page).focus();
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(searchField(page)).not.toBeFocused();
  await expect(page.getByRole("option")).toHaveCount(0);
});

test("recent searches are offered again", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("tide -borealis");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Clear search" }).click();
  await expect(rows(page)).toHaveCount(4);
  await page.keyboard.press("ArrowDown");
  const recent = page.getByRole("group", { name: "Recent searches" }).getByRole("option");
  await recent.filter({ hasText: "tide -borealis" }).click();
  await expect(box).toHaveValue("tide -borealis");
  await expect(rows(page)).toHaveCount(1);
});

test("a search that cannot be read keeps the last result", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("status:failure");
  await expect(rows(page)).toHaveCount(1);
  await box.pressSequentially(" latency:>soon");
  // While it may only be unfinished, it is said what is expected, and nothing is marked.
  await expect(box).toHaveAccessibleDescription(/must be a duration/);
  await expect(box).toHaveAttribute("aria-invalid", "true");
  await expect(box).toHaveAccessibleDescription(/soon/);
  await expect(page.locator(".search-echo .wrong")).toContainText("soon");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Corvus");

  await box.fill("latency:>2s");
  await expect(box).not.toHaveAttribute("aria-invalid", "true");
  await page.keyboard.press("Enter");
  await expectSearch(page, "status:failure latency:>2s");
  await expect(rows(page)).toHaveCount(1);
});

test("what was found before stays beside a search that cannot be read, and one click mends it", async ({
  page,
  open,
}) => {
  await open(`${harbor.list}?q=tide`);
  await expect(rows(page)).toHaveCount(2);
  const box = searchField(page);
  await box.fill("status=failure");
  await page.keyboard.press("Enter");
  await expect(box).toHaveAccessibleDescription(/status:failure/);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText("Still showing runs that match")).toContainText("tide");
  await page.getByRole("link", { name: "Search for status:failure" }).click();
  await expectSearch(page, "status:failure");
  await expect(rows(page)).toHaveCount(1);
  await expect(box).not.toHaveAttribute("aria-invalid", "true");
});

test("Enter completes a value that can only be one", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("status:f");
  await page.keyboard.press("Enter");
  await expectSearch(page, "status:failure");
  await expect(rows(page)).toHaveCount(1);
  await expect(box).toHaveValue("");
});

test("NOT and AND become what chips mean", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  await box.pressSequentially("NOT status:failure AND tide");
  await page.keyboard.press("Enter");
  await expectSearch(page, "-status:failure tide");
  await expect(box).toHaveValue("tide");
});

test("the list stays while a filter is being typed", async ({ page, open }) => {
  await open(harbor.list);
  const box = searchField(page);
  const none = page.getByRole("heading", { name: "No matching runs" });
  // No run holds the word, but it is the beginning of a field.
  await box.pressSequentially("mod");
  await page.getByRole("option").first().waitFor();
  await expect(page).toHaveURL(`${harbor.list}?q=mod`);
  await expect(page.locator(".table-wrap.held")).toBeVisible();
  await expect(rows(page)).toHaveCount(4);
  await box.pressSequentially("el:");
  await page.getByRole("option").first().waitFor();
  await expect(page.getByRole("group", { name: "Values" }).getByRole("option").first()).toContainText("gpt-4o");
  await expect(rows(page)).toHaveCount(4);
  await expect(none).toHaveCount(0);
  await box.fill("modx");
  await page.keyboard.press("Enter");
  await expect(none).toBeVisible();
});

test("an older answer never covers a newer one", async ({ page, open }) => {
  await open(harbor.list);
  // The first answer is held back until the second is on the page.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let count = 0;
  await page.route("**/api/runs/list", async (route) => {
    count += 1;
    if (count === 1) {
      await held;
    }
    await route.continue().catch(() => {});
  });
  const box = searchField(page);
  const first = page.waitForRequest("**/api/runs/list");
  const dropped = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/runs/list"));
  await box.fill("fog");
  await first;
  await box.fill("draco");
  expect((await dropped).failure()!.errorText).toBe("net::ERR_ABORTED");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Draco");
  letGo();
  await page.unrouteAll({ behavior: "wait" });
  await expect(rows(page).first()).toContainText("Draco");
});

test("an example of the syntax is taken up", async ({ page, open }) => {
  await open(harbor.list);
  await page.getByText("Search help", { exact: true }).click();
  await page.getByRole("button", { name: /status:failure/ }).click();
  await expect(searchField(page)).toBeFocused();
  await expectSearch(page, "status:failure");
  await expect(rows(page)).toHaveCount(1);
});
