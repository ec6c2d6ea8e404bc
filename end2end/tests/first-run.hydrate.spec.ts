// From a new organization to its first run.
import { execFileSync } from "node:child_process";
import { empty } from "../known";
import { expect, expectAccessible, test } from "./fixtures";

test("a key is made, the command runs as it stands, and its run is shown", async ({ page, open }) => {
  const org = empty.first;
  await open(`/${org}/agents`);
  await expect(page.getByRole("status").filter({ hasText: "Waiting for your first run…" })).toBeVisible();
  const command = page.locator(".first-run pre");
  await expect(command).toContainText("Bearer $RUNS_KEY");
  await expect(command).not.toContainText("rk_");

  await page.getByRole("button", { name: "Create an API key" }).click();
  await expect(command).toContainText(/^export RUNS_KEY=rk_[\w-]+\ncurl /);
  await expect(page.getByText("you won't see it again")).toBeVisible();
  await expectAccessible(page, "before the first run");
  expect(page.url()).not.toContain("rk_");
  const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(await kept()).not.toContain("rk_");

  const text = (await command.textContent())!;
  const answer = JSON.parse(execFileSync("bash", ["-c", text], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  expect(answer.accepted).toBe(1);
  await expect(page).toHaveURL(`/${org}/agents/my-first-agent/runs/${answer.runs[0].id}`, { timeout: 15_000 });
  await expect(page.getByText("One execution of an agent.").first()).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Versions" })).toBeVisible();

  // The key is not shown again.
  await page.goBack();
  await expect(page.getByRole("row", { name: "my-first-agent" })).toBeVisible();
  await open(`/${org}/settings/keys`);
  await expect(page.getByRole("row", { name: "First run" })).toBeVisible();
  expect(await page.content()).not.toContain(text.match(/rk_[\w-]+/)![0]);
});

test("a key of the settings goes with its maker to the first run, once", async ({ page, open }) => {
  const org = empty.plain;
  await open(`/${org}/settings/keys`);
  await page.getByLabel("Name").fill("once");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = (await page.locator(".notice.good pre").textContent())!;
  const sections = page.getByRole("navigation", { name: "Sections" });
  await sections.getByRole("link", { name: "Agents" }).click();
  await expect(page.locator(".first-run pre")).toContainText(`export RUNS_KEY=${key}`);
  await sections.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "API keys" })).toBeVisible();
  await sections.getByRole("link", { name: "Agents" }).click();
  await expect(page.locator(".first-run pre")).toContainText("Bearer $RUNS_KEY");
  expect(await page.content()).not.toContain(key);
});
