// Deleting an agent with all its runs.
import { send } from "../known";
import { server } from "../server";
import { expect, notFoundOnConsole, test } from "./fixtures";

test.use({ allowedOnConsole: notFoundOnConsole });

test("an agent goes with its runs once its name is typed", async ({ page, open, request }) => {
  const agent = "throw-away";
  const id = "0198a0aa-0000-7000-8000-0000000000aa";
  await send(request, server.key, [{ id, agent, input: { a: 1 }, output: "b" }]);
  const run = `/acme/agents/${agent}/runs/${id}`;
  await open(run);
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Settings" }).click();

  const button = page.getByRole("button", { name: "Delete agent and runs" });
  await expect(button).toBeDisabled();
  await page.getByLabel("Type throw-away to confirm").fill("throw");
  await expect(button).toBeDisabled();
  await page.getByLabel("Type throw-away to confirm").fill(agent);
  await button.click();
  // The answer waits until the rows are erased.
  await expect(page.getByRole("heading", { name: `Deleted ${agent}` })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("status").filter({ hasText: "1 run deleted." })).toBeVisible();

  await page.getByRole("link", { name: "Go to agents" }).click();
  await expect(page.getByRole("row", { name: "ticket-router" })).toBeVisible();
  await expect(page.getByRole("link", { name: agent })).toHaveCount(0);
  const answer = await page.goto(run);
  expect(answer?.status()).toBe(404);
  const auth = { headers: { Authorization: `Bearer ${server.key}` } };
  expect((await request.get(`/v1/acme/runs/${id}`, auth)).status()).toBe(404);
});
