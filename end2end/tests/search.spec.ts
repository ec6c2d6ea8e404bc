// A search opened by its address: what it finds, marks and refuses.
import { harbor, send } from "../known";
import { server } from "../server";
import { expect, expectSearch, rows, searchField, test } from "./fixtures";

const ships = { Aurora: 0, Borealis: 1, Corvus: 2, Draco: 3 };
const found: [name: string, q: string, ships: (keyof typeof ships)[]][] = [
  ["words, in any order and case", "TIDE late", ["Borealis", "Aurora"]],
  ["the beginning of the last word", "moor", ["Draco", "Borealis", "Aurora"]],
  ["a word without its accent", "zoe", ["Aurora"]],
  ["a phrase", '"tide was late"', ["Aurora"]],
  ["a filter", "status:failure", ["Corvus"]],
  ["a filter with a unit", "latency:>2s", ["Corvus", "Borealis"]],
  ["a number that is zero", "temperature:0", ["Draco", "Aurora"]],
  ["a value in the output", "output.berth:>=3", ["Borealis", "Aurora"]],
  ["metadata with a dot in its key", "metadata.pilot.name:Knut", ["Corvus", "Borealis"]],
  ["a negated word", "-tide", ["Draco", "Corvus"]],
  ["a negated filter beside a word", "late -model:gpt-4o", ["Aurora"]],
  ["one or the other", "ship OR (fog OR draco)", ["Draco", "Corvus"]],
];

for (const [name, q, expected] of found) {
  test(`${name}: ${q}`, async ({ page, open }) => {
    await open(`${harbor.list}?q=${encodeURIComponent(q)}`);
    await expectSearch(page, q);
    await expect(rows(page)).toHaveCount(expected.length);
    for (const [index, ship] of expected.entries()) {
      await expect(rows(page).nth(index).locator("[data-row]")).toContainText(ship);
    }
  });
}

test("what was found is marked", async ({ page, open }) => {
  await open(`${harbor.list}?q=tide+zoe`);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.locator("tbody mark")).toHaveText(["tide", "Zoé"]);
});

test("a match deep inside a run is what its row shows", async ({ page, open, request }) => {
  const agent = "deep-log";
  const calm = "Nothing of note on this watch. ".repeat(60);
  const id = "0198a00d-0000-7000-8000-00000000000d";
  await send(request, server.key, [
    { id, agent, input: { first: calm, second: `${calm}Then Zoé’s pilot boat 领航艇 came.${calm}` }, output: "done" },
  ]);
  await open(`/acme/agents/${agent}/runs?q=zoe+pilot`);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.locator("tbody mark")).toHaveText(["Zoé", "pilot"]);
  await expect(page.locator("tbody mark").first()).toBeInViewport();
  await open(`/acme/agents/${agent}/runs?q=航艇`);
  await expect(page.locator("tbody mark")).toHaveText(["航艇"]);
});

test("no match says so and leads on", async ({ page, open }) => {
  await open(`${harbor.list}?q=xylophone`);
  await expect(page.getByRole("heading", { name: "No matching runs" })).toBeVisible();
  await page.getByRole("link", { name: "Show all runs" }).click();
  await expect(page).toHaveURL(harbor.list);
  await expect(rows(page)).toHaveCount(harbor.runs.length);
});

test("an unknown field is refused where it stands", async ({ page, open }) => {
  await open(`${harbor.list}?q=tide+nosuchfield:1`);
  const box = searchField(page);
  await expect(box).toHaveValue("tide nosuchfield:1");
  await expect(box).toHaveAttribute("aria-invalid", "true");
  await expect(box).toHaveAccessibleDescription(/nosuchfield/);
  await expect(page.locator(".search-echo .wrong")).toHaveText(/^nosuchfield/);
  // Nothing was found before, so nothing is shown, least of all every run.
  await expect(rows(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Invalid search" })).toBeVisible();
  await page.getByRole("link", { name: "Search only for tide" }).click();
  await expect(page).toHaveURL(/q=tide$/);
  await expect(rows(page)).toHaveCount(2);
});

test("a filter that is written in another way leads to the right one", async ({ page, open }) => {
  for (const [typed, meant, found] of [
    ["status=failure", "status:failure", 1],
    ["latency > 3600s", "latency:>3600s", 0],
    ["status:failed", "status:failure", 1],
  ] as const) {
    await open(`${harbor.list}?q=${encodeURIComponent(typed)}`);
    await expect(rows(page)).toHaveCount(0);
    await expect(searchField(page)).toHaveAccessibleDescription(new RegExp(meant));
    await page.getByRole("link", { name: `Search for ${meant}` }).click();
    await expect(page).toHaveURL(new RegExp(`q=${meant.replace(">", "(>|%3E)")}`));
    await expect(rows(page)).toHaveCount(found);
  }
});

test("NOT and AND are read", async ({ page, open }) => {
  await open(`${harbor.list}?q=NOT+status:failure`);
  await expect(rows(page)).toHaveCount(harbor.runs.length - 1);
  await open(`${harbor.list}?q=tide+AND+NOT+borealis`);
  await expect(rows(page)).toHaveCount(1);
});

test("links of WorkflowAI still search", async ({ page, open }) => {
  await open(`${harbor.list}?field_name=status&operator=is&value=failure`);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText("Corvus");
});
