// A run over its list, and copying its link.
import { documented, harbor } from "../known";
import { server } from "../server";
import { expect, rows, test } from "./fixtures";

test("a click opens the run over the list, Esc closes it", async ({ page, open }) => {
  await open(`${harbor.list}?q=moored`);
  await rows(page).nth(1).locator("[data-row]").click();
  await expect(page).toHaveURL(`${harbor.list}?q=moored&runId=${harbor.runs[1].id}`);
  const drawer = page.getByRole("complementary", { name: "Run" });
  await expect(drawer).toContainText("Late at night the tide turned.");
  await expect(rows(page)).toHaveCount(3);

  // The list stays and can be gone through.
  await page.keyboard.press("j");
  await expect(drawer).toContainText("The tide was late");
  await expect(page).toHaveURL(`${harbor.list}?q=moored&runId=${harbor.runs[0].id}`);
  await page.reload();
  await expect(drawer).toContainText("The tide was late");

  await page.locator("html.scripted").waitFor();
  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(`${harbor.list}?q=moored`);
  await page.goBack();
  await expect(drawer).toBeVisible();
});

test("the drawer leads to the run's own page", async ({ page, open }) => {
  await open(`${harbor.list}?runId=${harbor.runs[3].id}`);
  await page.getByRole("link", { name: "Open full page" }).click();
  await expect(page).toHaveURL(`${harbor.list}/${harbor.runs[3].id}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(harbor.agent);
});

test("link, id and command are copied", async ({ page, open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await open(documented.page);
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeVisible();
  expect(await copied()).toBe(`${server.url}${documented.page}`);

  await page.getByLabel("More actions").click();
  await page.getByRole("button", { name: "Copy cURL" }).click();
  await expect.poll(copied).toBe(`curl -H "Authorization: Bearer $RUNS_KEY" ${server.url}/v1${documented.page}`);
  await page.getByRole("button", { name: "Copy Python" }).click();
  await expect.poll(copied).toContain("import requests");
  await page.getByRole("button", { name: "Copy TypeScript" }).click();
  await expect.poll(copied).toContain(`await fetch("${server.url}/v1${documented.page}"`);
});

test("the whole run can be downloaded", async ({ page, open }) => {
  await open(documented.page);
  await page.getByLabel("More actions").click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as JSON" }).click();
  expect((await download).suggestedFilename()).toBe(`${documented.id}.json`);
});
