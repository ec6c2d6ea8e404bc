// What went to the model, and what came back.
import { documented, harbor } from "../known";
import { expect, test } from "./fixtures";

test("messages stand as they were sent", async ({ page, open, request }) => {
  await open(documented.page);
  await page.getByRole("link", { name: "View Prompt" }).click();
  await expect(page).toHaveURL(`${documented.page}/prompt`);
  const { completions } = await (await request.get(`/v1${documented.page}/completions`)).json();
  const { messages } = completions[0].request;
  const shown = page.locator("pre.verbatim");
  await expect(shown).toHaveCount(messages.length + 1);
  for (const [index, message] of messages.entries()) {
    expect(await shown.nth(index).textContent()).toBe(message.content);
  }
  expect(await shown.last().textContent()).toBe(completions[0].response.choices[0].message.content);

  const completion = page.getByRole("region", { name: "Completion" });
  await expect(completion).toContainText("612");
  await expect(completion).toContainText("gpt-4o-mini-2024-07-18");
  await completion.getByText("Raw response").click();
  const raw = completion.locator("details", { hasText: "Raw response" }).locator("pre");
  await expect(raw).toBeVisible();
  expect(JSON.parse((await raw.textContent()) ?? "")).toEqual(completions[0].response);
});

test("every attempt is shown", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[3].id}/prompt`);
  const first = page.getByRole("region", { name: "Completion 1 of 2" });
  await expect(first).toContainText("First try:");
  await expect(first).toContainText("The engine is overloaded");
  const second = page.getByRole("region", { name: "Completion 2 of 2" });
  await expect(second.locator("pre.verbatim").first()).toHaveText("Second try:\n  berth for *Draco*?");
  await expect(second).toContainText("Berth one is free.");

  await page.getByRole("link", { name: "Markdown" }).click();
  await expect(page).toHaveURL(/\?view=markdown$/);
  await expect(second.locator("em")).toHaveText("Draco");
  await page.getByRole("link", { name: "Back to the run" }).click();
  await expect(page).toHaveURL(`${harbor.list}/${harbor.runs[3].id}`);
});

test("a run without an exchange says what is known", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[0].id}/prompt`);
  await expect(page.getByRole("main")).toContainText("The raw request wasn't recorded.");
  await expect(page.getByRole("region", { name: "Completion" })).toContainText("The tide was late");
});

test("a text is found inside the messages", async ({ page, open }) => {
  await open(`${documented.page}/prompt`);
  await page.getByRole("searchbox", { name: "Find in messages" }).fill("COFFEE");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\?find=COFFEE$/);
  const marks = page.locator("pre.verbatim mark");
  await expect(marks.first()).toHaveText(/^coffee$/i);
  const count = await marks.count();
  await expect(page.getByRole("status").filter({ hasText: `of ${count}` })).toBeVisible();
  await open(`${documented.page}/prompt?find=xylophone`);
  await expect(page.getByText("no matches")).toBeVisible();
});
