// What pages are called, by which tabs and history entries are told apart.
import { documented, rival } from "../known";
import { expect, notFoundOnConsole, test } from "./fixtures";

const agent = documented.agent;
const base = `/acme/agents/${agent}`;
const titles: [path: string, title: string][] = [
  ["/acme/agents", "Agents – acme – Runs"],
  ["/acme/agents?q=review", "review – Agents – acme – Runs"],
  ["/acme/runs", "All runs – acme – Runs"],
  ["/acme/runs?q=status:failure&page=1", "Page 2 – status:failure – All runs – acme – Runs"],
  [`${base}/runs`, `${agent} – acme – Runs`],
  [`${base}/1/runs`, `Schema 1 – ${agent} – acme – Runs`],
  [`${base}/runs?runId=${documented.id}`, `Run 0195…50dc – ${agent} – Runs`],
  [documented.page, `Run 0195…50dc – ${agent} – Runs`],
  [`${documented.page}/prompt`, `Prompt 0195…50dc – ${agent} – Runs`],
  [`${base}/playground`, `Playground – ${agent} – Runs`],
  [`${base}/playground?taskRunId1=${documented.id}`, `Playground 0195…50dc – ${agent} – Runs`],
  [`${base}/versions`, `Versions – ${agent} – Runs`],
  [`${base}/stats`, `Stats – ${agent} – Runs`],
  [`${base}/settings`, `Settings – ${agent} – Runs`],
  ["/acme/settings/keys", "Keys – acme – Runs"],
  ["/acme/settings/members", "Members – acme – Runs"],
  ["/acme/settings/providers", "Providers – acme – Runs"],
  ["/acme/settings/status", "Status – acme – Runs"],
];

test("every page has a title of its own", async ({ page, open }) => {
  expect(new Set(titles.map(([, title]) => title)).size).toBe(titles.length - 1);
  for (const [path, title] of titles) {
    await open(path);
    await expect.soft(page, path).toHaveTitle(title);
  }
});

test.describe("pages that are not there", () => {
  test.use({ allowedOnConsole: notFoundOnConsole });

  test("have no tabs, since there is nothing to lead to", async ({ page, open }) => {
    const tabs = page.getByRole("navigation", { name: "Sections" });
    for (const path of ["/acme/agents/none/runs", `/${rival.org}/agents`, "/nobody/runs", "/acme/agents/NO/stats"]) {
      await open(path);
      await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
      await expect.soft(tabs, path).toHaveCount(0);
    }
    // An agent that is there keeps its tabs, whatever its page.
    await open(`${base}/runs/0198ffff-0000-7000-8000-000000000000`);
    await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
    await expect(tabs.getByRole("link", { name: "Versions" })).toBeVisible();
  });
});
