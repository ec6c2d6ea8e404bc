// Agents page by page, in an order, and found by their names.
import { crowd } from "../known";
import { expect, rows, test } from "./fixtures";

const list = `/${crowd.org}/agents`;
const search = { name: "Search agents" };

test("a page holds fifty agents and says what it leaves out", async ({ page, open, request }) => {
  await open(list);
  await expect(rows(page)).toHaveCount(50);
  const foot = page.getByRole("navigation", { name: "Pages" });
  await expect(foot).toContainText("1–50 of 53 agents");
  await foot.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(`${list}?page=1`);
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).last()).toContainText("clerk-52");
  await expect(foot.getByRole("link", { name: "Next" })).toHaveCount(0);
  await open(`${list}?page=7`);
  await expect(page.getByRole("heading", { name: "There is no page 8; there are 2" })).toBeVisible();
  const whole = await (await request.get(list)).text();
  expect(whole.length).toBeLessThan(300_000);
});

test("columns sort, and the order is in the address", async ({ page, open }) => {
  await open(list);
  const head = (name: string) => page.getByRole("columnheader", { name, exact: true });
  await expect(head("Last run")).toHaveAttribute("aria-sort", "descending");
  await expect(rows(page).first()).toContainText("clerk-00");
  await head("Cost").getByRole("link").click();
  await expect(page).toHaveURL(`${list}?sort=-cost`);
  await expect(head("Cost")).toHaveAttribute("aria-sort", "descending");
  await expect(rows(page).first()).toContainText("clerk-52");
  await head("Agent").getByRole("link").click();
  await expect(page).toHaveURL(`${list}?sort=name`);
  await expect(rows(page).first()).toContainText("clerk-00");
  await head("Agent").getByRole("link").click();
  await expect(rows(page).first()).toContainText("clerk-52");
  await head("Failed, 7 days").getByRole("link").click();
  await expect(page).toHaveURL(`${list}?sort=-recent_failures`);
  await expect(rows(page).first()).toContainText("100%");
  await open(`${list}?sort=size`);
  await expect(page.getByText("sort: must be one of name,")).toBeVisible();
  await expect(rows(page).first()).toContainText("clerk-00");
});

test("words find agents by their names", async ({ page, open }) => {
  await open(`${list}?sort=-cost`);
  const field = page.getByRole("searchbox", search);
  await field.fill("CLERK 5");
  await field.press("Enter");
  await expect(page).toHaveURL(/\?q=CLERK\+5&sort=-cost$/);
  await expect(rows(page).first()).toContainText("clerk-52");
  await expect(rows(page)).toHaveCount(8);
  await open(`${list}?q=nobody`);
  await expect(page.getByRole("heading", { name: "No matching agents" })).toBeVisible();
  await expect(field).toHaveValue("nobody");
  await page.getByRole("link", { name: "Show all agents" }).click();
  await expect(page).toHaveURL(list);
  await expect(field).toHaveValue("");
});
