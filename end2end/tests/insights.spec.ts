// Figures, order and columns as the address says them, with and without JavaScript.
import { documented, harbor } from "../known";
import { expect, rows, test } from "./fixtures";

test("headings sort the list, in both directions and back", async ({ page, open }) => {
  await open(harbor.list);
  await page.getByRole("link", { name: "Latency" }).click();
  await expect(page).toHaveURL(/sort=-latency/);
  await expect(page.getByRole("columnheader", { name: "Latency" })).toHaveAttribute("aria-sort", "descending");
  await expect(page.locator("tbody .col-latency").first()).toHaveText("30.0 s");
  await page.getByRole("link", { name: "Latency" }).click();
  await expect(page.getByRole("columnheader", { name: "Latency" })).toHaveAttribute("aria-sort", "ascending");
  await expect(page.locator("tbody .col-latency").first()).toHaveText("400 ms");
  await page.getByRole("link", { name: "Latency" }).click();
  await expect(page.getByRole("columnheader", { name: "Time" })).toHaveAttribute("aria-sort", "descending");
  await expect(page).not.toHaveURL(/sort=/);
});

test("columns of the address are shown, metadata and places included", async ({ page, open }) => {
  await open(`${harbor.list}?columns=status,metadata.pilot.name,output.berth,latency:120,input`);
  await expect(page.getByRole("columnheader")).toHaveText(["Status", "pilot.name", "output.berth", /Latency/, "Input"]);
  await expect(rows(page).last().getByRole("cell").nth(1)).toHaveText("Inês");
  await expect(rows(page).last().getByRole("cell").nth(2)).toHaveText("7");
});

test("an order or column that is none is said, and the list is there", async ({ page, open }) => {
  await open(`${harbor.list}?sort=size&columns=colour`);
  await expect(page.getByText(/sort: must be one of time, latency, cost and tokens/)).toBeVisible();
  await expect(page.getByText(/columns: unknown column .colour./)).toBeVisible();
  await expect(rows(page)).toHaveCount(4);
});

test("stats show figures, charts and the same as tables", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/stats`);
  await expect(page.getByRole("heading", { level: 1, name: "Stats" })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Runs, / })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Latency, / })).toBeVisible();
  await page.getByText("Show as table").click();
  await expect(page.getByRole("columnheader", { name: "Time (UTC)" })).toBeVisible();
  await page.getByRole("link", { name: "Day", exact: true }).click();
  await expect(page).toHaveURL(/by=day/);
  await page.getByRole("link", { name: "Status", exact: true }).click();
  await expect(page).toHaveURL(/status/);
  await page.getByRole("rowheader", { name: "success" }).getByRole("link").click();
  await expect(page).toHaveURL(/\/runs\?q=status:success/);
});

test("stats say what they cannot read", async ({ page, open }) => {
  await open(`${harbor.list.replace("/runs", "/stats")}?by=fortnight&q=latency:>soon`);
  await expect(page.getByText(/by: must be a length of time/)).toBeVisible();
  await expect(page.getByText(/Invalid search/)).toBeVisible();
  await expect(page.locator(".figures dd")).toHaveCount(0);
  await open(`${harbor.list.replace("/runs", "/stats")}?q=status=failure`);
  await page.getByRole("link", { name: "Search for status:failure" }).click();
  await expect(page.locator(".figures dd").first()).toHaveText("1");
});
