// A chat: its version, and the forms that its messages can be read in.
import { send } from "../known";
import { server } from "../server";
import { expect, test } from "./fixtures";

const agent = "pirate-chat";
const id = "0198a011-0000-7000-8000-000000000011";

test.beforeAll(async ({ request }) => {
  const version = {
    provider: "openai",
    model: "gpt-4o-mini",
    messages: [{ role: "system", content: "Answer like a pirate." }],
    output_schema: { type: "object", properties: { arr: { type: "string" } } },
  };
  const input = { messages: [{ role: "user", content: "Is it **far**?\nReally?" }] };
  await send(request, server.key, [{ id, agent, version, input, output: { role: "assistant", content: "- Aye" } }]);
});

test("a version shows its prompt, its provider and its schema", async ({ page, open }) => {
  await open(`/acme/agents/${agent}/versions`);
  const version = page.locator(".version-card").first();
  await expect(version).toContainText("openai");
  await expect(version.getByText("Answer like a pirate.")).toBeVisible();
  await version.getByText("Output schema").click();
  await expect(version.getByText('"arr"')).toBeVisible();
  await expect(version.getByRole("link", { name: "1 run", exact: true })).toBeVisible();

  await open(`/acme/agents/${agent}/runs/${id}`);
  await expect(page.getByRole("main")).toContainText("Answer like a pirate.");
});

test("messages are read as Markdown, to the letter, or raw", async ({ page, open }) => {
  await open(`/acme/agents/${agent}/runs/${id}`);
  const main = page.getByRole("main");
  await expect(main.locator(".messages strong")).toHaveText("far");
  await expect(main.locator(".messages li li")).toHaveText("Aye");
  await page.getByRole("link", { name: "Verbatim" }).click();
  await expect(page).toHaveURL(/\?view=verbatim$/);
  await expect(main.locator(".messages")).toHaveCount(2);
  await expect(main).toContainText("Is it **far**?");
  await page.getByRole("link", { name: "Raw JSON" }).click();
  await expect(main.locator("pre.raw-json").first()).toContainText('"content": "Is it **far**?\\nReally?"');
});
