// A prompt that is too long to be drawn at once.
import { documented, send } from "../known";
import { server } from "../server";
import { expect, test } from "./fixtures";

test("a long message is cut, and shown to its end on demand", async ({ page, open, request }) => {
  const agent = "long-letters";
  const id = "0198a012-0000-7000-8000-000000000012";
  const text = `${"Once upon a time. ".repeat(20_000)}The end.`;
  await send(request, server.key, [{ id, agent, input: { messages: [{ role: "user", content: text }] }, output: "ok" }]);
  const path = `/acme/agents/${agent}/runs/${id}/prompt`;
  expect((await (await request.get(path)).text()).length).toBeLessThan(150_000);
  await open(path);
  await page.getByRole("button", { name: /^Show [\d,]+ more characters$/ }).click();
  await expect(page.locator(".verbatim").filter({ hasText: "The end." })).toHaveText(text);
  await expect(page.getByRole("link", { name: "Download" })).toHaveAttribute("href", `/v1/acme/agents/${agent}/runs/${id}`);
});

test("what is found follows the typing", async ({ page, open }) => {
  await open(`${documented.page}/prompt?view=markdown`);
  const field = page.getByRole("searchbox", { name: "Find in messages" });
  await field.pressSequentially("coff");
  await expect(page).toHaveURL(/\?view=markdown&find=coff$/);
  const marks = page.locator("pre.verbatim mark");
  await expect(marks.first()).toHaveText(/^coff$/i);
  await expect(field).toBeFocused();
  await field.pressSequentially("ee");
  await expect(marks.first()).toHaveText(/^coffee$/i);
  const count = await marks.count();
  const said = page.getByRole("status").filter({ hasText: " of " });
  await expect(said).toHaveText(`1 of ${count}`);
  await expect(page).toHaveURL(/find=coffee$/);
  await field.press("Enter");
  await expect(said).toHaveText(`2 of ${count}`);
  await field.press("Shift+Enter");
  await expect(said).toHaveText(`1 of ${count}`);
  await field.fill("");
  await expect(marks).toHaveCount(0);
  await expect(page).toHaveURL(/prompt\?view=markdown$/);
  // Typing left no entries of its own in the history.
  await field.fill("coffee");
  await expect(marks.first()).toBeVisible();
  await page.getByRole("link", { name: "Verbatim" }).click();
  await expect(field).toHaveValue("");
  await page.goBack();
  await expect(field).toHaveValue("coffee");
});

test("one place after another is shown", async ({ page, open }) => {
  await open(`${documented.page}/prompt?find=coffee`);
  const current = page.locator("mark.current");
  await expect(current).toHaveCount(1);
  const first = await current.evaluate((mark) => [...document.querySelectorAll("mark")].indexOf(mark as HTMLElement));
  expect(first).toBe(0);
  await page.getByRole("button", { name: "Next match" }).click();
  await expect(page.locator("mark").nth(1)).toHaveClass("current");
  await page.getByRole("button", { name: "Previous match" }).click();
  await expect(page.locator("mark").nth(0)).toHaveClass("current");
});
