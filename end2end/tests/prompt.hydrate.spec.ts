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
