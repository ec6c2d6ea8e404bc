// A value that is clicked becomes a filter.
import { documented, harbor } from "../known";
import { expect, expectSearch, rows, test } from "./fixtures";

test("values of a row lead to the runs that have them too", async ({ page, open }) => {
  await open(`${harbor.list}?q=moored`);
  await expect(rows(page)).toHaveCount(3);
  await rows(page).filter({ hasText: "Aurora" }).getByRole("link", { name: "gpt-4o-mini" }).click();
  await expect(page).toHaveURL(`${harbor.list}?q=model:gpt-4o-mini+moored`);
  await expect(rows(page)).toHaveCount(2);
  await expectSearch(page, "model:gpt-4o-mini moored");
});

test("the mark of how a run ended opens it, like the rest of its row", async ({ page, open }) => {
  await open(`${harbor.list}?q=moored`);
  const dot = (await rows(page).filter({ hasText: "Aurora" }).locator(".dot").boundingBox())!;
  await page.mouse.click(dot.x + dot.width / 2, dot.y + dot.height / 2);
  await expect(page).toHaveURL(new RegExp(`${harbor.runs[0].id}`));
});

test("among all agents an agent is a filter", async ({ page, open }) => {
  await open("/acme/runs?q=aurora");
  await rows(page).first().getByRole("link", { name: harbor.agent }).click();
  await expect(page).toHaveURL(`/acme/runs?q=agent:${harbor.agent}+aurora`);
  await expect(rows(page)).toHaveCount(1);
});

test("values of a run lead to its list", async ({ page, open }) => {
  await open(`${harbor.list}/${harbor.runs[2].id}`);
  await page.getByRole("link", { name: "upstream_timeout" }).click();
  await expect(page).toHaveURL(`${harbor.list}?q=error:upstream_timeout`);
  await expect(rows(page)).toHaveCount(1);
  await open(`${harbor.list}/${harbor.runs[1].id}?q=moored`);
  await page.getByRole("link", { name: "Knut" }).click();
  await expect(page).toHaveURL(`${harbor.list}?q=metadata.pilot.name:Knut+moored`);
  await expect(rows(page)).toHaveCount(1);
});

test("values of a run say what they filter by", async ({ page, open }) => {
  await open(documented.page);
  await expect(page.getByRole("link", { name: "success" })).toHaveAttribute("title", /status:success/);
});
