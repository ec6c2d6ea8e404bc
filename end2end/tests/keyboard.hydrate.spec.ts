// Everything without a mouse.
import { harbor } from "../known";
import { expect, rows, searchField, test } from "./fixtures";

test("a list is gone through and a run opened", async ({ page, open }) => {
  await open(harbor.list);
  await page.keyboard.press("/");
  const box = searchField(page);
  await expect(box).toBeFocused();
  await page.keyboard.type("moored");
  await expect(rows(page)).toHaveCount(3);
  await page.keyboard.press("Escape");
  await expect(box).not.toBeFocused();

  const link = (index: number) => rows(page).nth(index).locator("[data-row]");
  await page.keyboard.press("j");
  await expect(link(0)).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(link(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Run" })).toContainText("Borealis");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary", { name: "Run" })).toHaveCount(0);
  await expect(page).toHaveURL(`${harbor.list}?q=moored`);
});

test("a run leads on by single keys", async ({ page, open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const run = (index: number) => `${harbor.list}/${harbor.runs[index].id}`;
  await open(run(1));
  await page.keyboard.press("[");
  await expect(page).toHaveURL(run(2));
  await expect(page.getByRole("main")).toContainText("Corvus");
  await page.keyboard.press("]");
  await expect(page).toHaveURL(run(1));
  await expect(page.getByRole("main")).toContainText("Borealis");
  await page.keyboard.press("c");
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeVisible();

  await page.keyboard.press("p");
  await expect(page).toHaveURL(`${run(1)}/prompt`);
  await expect(page.getByRole("heading", { name: "Prompt" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(run(1));
  await expect(page.getByRole("link", { name: "View Prompt" })).toBeVisible();
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/playground\?versionId=/);
  await expect(page.getByRole("heading", { name: "Playground" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page).toHaveURL("/acme/agents");
});

test("help shows the keys, and single keys can be switched off", async ({ page, open }) => {
  await open(harbor.list);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help).toContainText("Newer run");
  await help.getByLabel("Enable single-key shortcuts").uncheck();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.keyboard.press("/");
  await expect(searchField(page)).not.toBeFocused();
});

test("the first Tab skips to the content", async ({ page, open }) => {
  await open(harbor.list);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
