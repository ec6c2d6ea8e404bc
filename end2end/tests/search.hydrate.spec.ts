// Searching as one types.
import { harbor } from "../known";
import { expect, rows, test } from "./fixtures";

test("results follow the typing, and Back leads out of the search", async ({ page, open }) => {
  await open(harbor.list);
  await expect(rows(page)).toHaveCount(4);
  const box = page.getByRole("searchbox", { name: "Search runs" });
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

test("a search that cannot be read keeps the last result", async ({ page, open }) => {
  await open(harbor.list);
  const box = page.getByRole("searchbox", { name: "Search runs" });
  await box.pressSequentially("status:failure");
  await expect(rows(page)).toHaveCount(1);
  await box.pressSequentially(" latency:>soon");
  await expect(box).toHaveAttribute("aria-invalid", "true");
  await expect(box).toHaveAccessibleDescription(/soon/);
  await expect(page.locator(".search-echo .wrong")).toContainText("soon");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Corvus");

  await box.press("ControlOrMeta+Backspace");
  await box.fill("status:failure latency:>2s");
  await expect(box).not.toHaveAttribute("aria-invalid", "true");
  await expect(rows(page)).toHaveCount(1);
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
  const box = page.getByRole("searchbox", { name: "Search runs" });
  const first = page.waitForRequest("**/api/runs/list");
  await box.fill("fog");
  await first;
  await box.fill("draco");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Draco");
  letGo();
  await page.unrouteAll({ behavior: "wait" });
  await expect(rows(page).first()).toContainText("Draco");
});

test("an example of the syntax is taken up", async ({ page, open }) => {
  await open(harbor.list);
  await page.getByText("Syntax").click();
  await page.getByRole("button", { name: /status:failure/ }).click();
  await expect(page.getByRole("searchbox", { name: "Search runs" })).toBeFocused();
  await expect(rows(page)).toHaveCount(1);
});
