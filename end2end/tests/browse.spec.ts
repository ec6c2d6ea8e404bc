// From the agents to the runs of one, page by page.
import { documented } from "../known";
import { expect, notFoundOnConsole, rows, test } from "./fixtures";

const list = `/acme/agents/${documented.agent}/runs`;

test("agents lead to their runs", async ({ page, open }) => {
  await open("/");
  await expect(page).toHaveURL("/acme/agents");
  const agent = page.getByRole("row", { name: documented.agent });
  await expect(agent.getByRole("cell").nth(4)).toHaveText(/^\d+$/);
  await agent.getByRole("link", { name: documented.agent }).click();

  await expect(page).toHaveURL(list);
  await expect(page).toHaveTitle(`${documented.agent} – acme – Runs`);
  await expect(rows(page)).toHaveCount(50);
  await expect(page.getByRole("columnheader")).toHaveText([
    "Status",
    "Input",
    "Output",
    "Version",
    "Latency",
    "Tokens",
    "Cost",
    "Time",
  ]);
});

test("pages are in the address and survive a reload", async ({ page, open }) => {
  await open(list);
  // Its address, since its relative time may change while the test runs.
  const newest = await rows(page).first().locator("[data-row]").getAttribute("href");
  const foot = page.getByRole("navigation", { name: "Pages" });
  await expect(foot).toContainText(/^1–50 of \d+ runs/);
  await foot.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(`${list}?page=1`);
  await expect(foot).toContainText(/^51–100 of \d+ runs/);
  const second = await rows(page).first().locator("[data-row]").getAttribute("href");

  await page.reload();
  await expect(foot).toContainText(/^51–100 of \d+ runs/);
  await expect(rows(page).first().locator("[data-row]")).toHaveAttribute("href", second ?? "");
  await foot.getByRole("link", { name: "Previous" }).click();
  await expect(page).toHaveURL(list);
  await expect(rows(page).first().locator("[data-row]")).toHaveAttribute("href", newest ?? "");
});

test("a page past the end says so", async ({ page, open }) => {
  await open(`${list}?page=999`);
  await expect(page.getByRole("heading", { name: /^There is no page \d[\d,]*; there (is one|are \d+)$/ })).toBeVisible();
  await page.getByRole("link", { name: "Go to first page" }).click();
  await expect(page).toHaveURL(list);
  await expect(rows(page)).toHaveCount(50);
});

test("all runs of the organization name their agents", async ({ page, open }) => {
  await open("/acme/agents");
  await page.getByRole("link", { name: "All runs" }).click();
  await expect(page).toHaveURL("/acme/runs");
  await expect(page.getByRole("columnheader", { name: "Agent" })).toBeVisible();
  await expect(rows(page)).toHaveCount(50);
});

test("a schema's runs are a list of their own", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/1/runs?page=0`);
  await expect(rows(page)).toHaveCount(50);
  await open(`/acme/agents/${documented.agent}/4000/runs?page=0`);
  await expect(page.getByRole("heading", { name: "No matching runs" })).toBeVisible();
});

test("agents show the days of their last week", async ({ page, open }) => {
  await open("/acme/agents");
  const agent = rows(page).filter({ hasText: documented.agent });
  await expect(agent.locator("svg.spark path").first()).toHaveAttribute("d", /^M\d/);
  await expect(agent.getByTitle(/^\d+ of \d+ runs failed$/)).toHaveText(/%$/);
});

test("the icon is found under its old name", async ({ request }) => {
  const answer = await request.get("/favicon.ico");
  expect(answer.headers()["content-type"]).toContain("image/svg+xml");
});

test.describe("addresses that lead nowhere", () => {
  test.use({ allowedOnConsole: notFoundOnConsole });

  test("a schema that is no number", async ({ page, open }) => {
    for (const path of ["x/runs", "x"]) {
      await open(`/acme/agents/${documented.agent}/${path}`);
      await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
    }
  });
});
