// What every journey holds to: no word on the console, no error on the page,
// and nothing that axe finds wrong.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

interface Journey {
  /** What the console may say: Chromium reports a page that answers 404 there. */
  allowedOnConsole: RegExp[];
  /** Opens a page and waits until it reacts; without JavaScript it is ready as it is. */
  open: (path: string) => Promise<void>;
  quiet: void;
}

export const test = base.extend<Journey>({
  allowedOnConsole: [[], { option: true }],
  open: async ({ page, javaScriptEnabled }, use) => {
    await use(async (path) => {
      await page.goto(path);
      if (javaScriptEnabled) {
        await hydrated(page);
      }
    });
  },
  quiet: [
    async ({ page, allowedOnConsole, javaScriptEnabled }, use) => {
      // On a busy machine a font may be drawn later than Chromium expects.
      const preloaded = javaScriptEnabled ? /\/fonts\/\S+ was preloaded .* but not used/ : /was preloaded .* but not used/;
      const allowed = [...allowedOnConsole, preloaded];
      const said: string[] = [];
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => said.push(`error: ${error.message}`));
      await use();
      const unexpected = said.filter((line) => !allowed.some((words) => words.test(line)));
      expect(unexpected, "the console stays empty").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** For journeys that lead to a page that is not there. */
export const notFoundOnConsole = [/^error: Failed to load resource: .* status of 404/];

/** For journeys in which the server refuses what was typed. */
export const refusedOnConsole = [/^error: Failed to load resource: .* status of 400/];

/** For journeys that begin signed out. */
export const signedOut = { cookies: [], origins: [] };

/** Waits until the page's script has taken over. */
export async function hydrated(page: Page) {
  await page.locator("html.scripted").waitFor();
}

/** The field that searches: with a script a combobox, without one a plain search field. */
export function searchField(page: Page) {
  const name = "Search runs";
  return page.getByRole("combobox", { name }).or(page.getByRole("searchbox", { name }));
}

/** The finished filters of a search, as the grammar writes them. */
export function chips(page: Page) {
  return page.getByRole("list", { name: "Filters" }).getByRole("listitem");
}

/** Expects that the field shows this search: its filters as chips, then its words. */
export async function expectSearch(page: Page, q: string) {
  const words = (text: string) => text.split(" ").filter(Boolean).sort();
  await expect(async () => {
    const removals = await chips(page).getByRole("button", { name: /^Remove / }).all();
    const filters = await Promise.all(removals.map((button) => button.getAttribute("aria-label")));
    const shown = [...filters.map((label) => label!.replace("Remove ", "")), await searchField(page).inputValue()];
    expect(words(shown.join(" "))).toEqual(words(q));
  }).toPass({ timeout: 5_000 });
}

/** The rows of a list of runs. */
export function rows(page: Page) {
  return page.getByRole("main").locator("tbody").getByRole("row");
}

/** What `rules` of axe find wrong, or all rules of WCAG 2.2 AA and the order of headings. */
export async function expectAccessible(page: Page, when: string, rules?: string[]) {
  const axe = new AxeBuilder({ page }).options({ rules: { "heading-order": { enabled: true } } });
  const found = await (
    rules ? axe.withRules(rules) : axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
  ).analyze();
  const words = found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
  expect.soft(words, `axe finds nothing ${when}`).toEqual([]);
}
