// Reading a run on its own page.
import { documented, harbor, rival } from "../known";
import { expect, notFoundOnConsole, test } from "./fixtures";

test("a run shows what it was", async ({ page, open }) => {
  await open(documented.page);
  const main = page.getByRole("main");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${documented.agent}1.1`);
  await expect(main.locator("header")).toContainText("success");
  await expect(main.locator("header")).toContainText("1.84 s");
  await expect(main.locator("header")).toContainText("730 tokens");
  await expect(main.getByRole("navigation", { name: "Neighbouring runs" })).toHaveText(/^Run \d+ of \d+/);

  await expect(main).toContainText("Hearth 12-cup coffee maker");
  await expect(main).toContainText("Buyers praise how quickly the Hearth makes coffee");
  const details = main.locator("dl.facts").first();
  await expect(details).toContainText("gpt-4o-mini");
  await expect(main).toContainText(documented.id);
  const completions = main.getByRole("region", { name: "Completions" });
  await expect(completions.getByRole("row").nth(1)).toContainText("612");
  await expect(completions.getByRole("row").nth(1)).toContainText("118");
});

test("input and output are there as raw JSON, byte for byte", async ({ page, open, request }) => {
  await open(documented.page);
  await page.getByRole("link", { name: "Raw JSON" }).click();
  await expect(page).toHaveURL(`${documented.page}?view=raw`);
  const raw = page.locator("pre.raw-json");
  await expect(raw).toHaveCount(2);
  const { input, output } = await (await request.get(`/v1${documented.page}`)).json();
  expect(JSON.parse(await raw.first().innerText())).toEqual(input);
  expect(JSON.parse(await raw.last().innerText())).toEqual(output);
  await page.getByRole("link", { name: "Readable" }).click();
  await expect(page).toHaveURL(documented.page);
  await expect(raw).toHaveCount(0);
});

test("a value of the metadata leads to the runs that share it", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[2].id}`);
  await page.getByRole("link", { name: "Knut" }).click();
  await expect(page).toHaveURL(/\/runs\?q=/);
  await expect(page.getByRole("main").locator("tbody").getByRole("row")).toHaveCount(2);
});

test("metadata with spaces and quotes is found too", async ({ page, open }) => {
  await open(documented.page);
  await page.getByRole("link", { name: "Moreau, Zoé" }).click();
  await expect(page).toHaveURL(/%22Moreau,\+Zo%C3%A9%22/);
  await expect(page.locator(`a[href*="${documented.id}"]`)).toHaveCount(1);
});

test("previous and next run stay inside the search", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[1].id}?q=moored`);
  const place = page.getByRole("navigation", { name: "Neighbouring runs" });
  await expect(place).toHaveText("Run 2 of 3");
  await place.getByRole("link", { name: /^Older run/ }).click();
  await expect(page).toHaveURL(`${harbor.list}/${harbor.runs[0].id}?q=moored`);
  await expect(place).toHaveText("Run 3 of 3");
  await expect(place.getByRole("link", { name: /^Older run/ })).toHaveCount(0);
  await place.getByRole("link", { name: /^Newer run/ }).click();
  await expect(place).toHaveText("Run 2 of 3");
  await place.getByRole("link", { name: /^Newer run/ }).click();
  await expect(place).toHaveText("Run 1 of 3");
  await expect(page.getByRole("main")).toContainText("Draco");
});

test("a failed run shows its error", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[2].id}`);
  const error = page.getByRole("region", { name: "Error" });
  await expect(error).toContainText("upstream_timeout");
  await expect(error).toContainText("the harbour master did not answer");
});

test("a run is found without its agent", async ({ page, open, request }) => {
  const answer = await request.get(`/acme/runs/${documented.id}?q=coffee`, { maxRedirects: 0 });
  expect([302, 303, 307, 308]).toContain(answer.status());
  expect(answer.headers().location).toBe(`${documented.page}?q=coffee`);
  await open(`/acme/runs/${documented.id}`);
  await expect(page).toHaveURL(documented.page);
});

test("a link of WorkflowAI opens the run over its list", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/1/runs?page=0&taskRunId=${documented.id}`);
  const drawer = page.getByRole("complementary", { name: "Run" });
  await expect(drawer.getByRole("heading").first()).toContainText(documented.agent);
  await drawer.getByRole("link", { name: "Close the run" }).click();
  await expect(drawer).toHaveCount(0);
});

test.describe("what is not there", () => {
  test.use({ allowedOnConsole: notFoundOnConsole });

  test("is not found, and what belongs to others neither", async ({ page, open }) => {
    const paths = [
      `/acme/agents/${documented.agent}/runs/0198ffff-0000-7000-8000-000000000000`,
      `/acme/agents/${documented.agent}/runs/not-an-id`,
      `/acme/agents/ticket-router/runs/${documented.id}`,
      "/acme/runs/0198ffff-0000-7000-8000-000000000000",
      `/acme/agents/${rival.agent}/runs/${rival.id}`,
      `/acme/runs/${rival.id}`,
      `/${rival.org}/agents/${rival.agent}/runs/${rival.id}`,
      `/${rival.org}/agents/${rival.agent}/runs/${rival.id}/prompt`,
      `/${rival.org}/runs/${rival.id}`,
      `/${rival.org}/agents`,
      "/nobody/agents",
      "/acme/agents/none/runs",
      "/acme/no/such/page",
    ];
    for (const path of paths) {
      const answer = await page.request.get(path);
      expect.soft(answer.status(), path).toBe(404);
    }
    for (const path of [paths[0], paths[6]]) {
      await open(path);
      await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
      await expect(page).toHaveTitle("Not found – Runs");
    }
  });
});
