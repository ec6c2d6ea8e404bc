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
    async ({ page, allowedOnConsole }, use) => {
      const said: string[] = [];
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => said.push(`error: ${error.message}`));
      await use();
      const unexpected = said.filter((line) => !allowedOnConsole.some((allowed) => allowed.test(line)));
      expect(unexpected, "the console stays empty").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** For journeys that lead to a page that is not there. */
export const notFoundOnConsole = [/^error: Failed to load resource: .* status of 404/];

/** For journeys that begin signed out. */
export const signedOut = { cookies: [], origins: [] };

/** Waits until the page's script has taken over. */
export async function hydrated(page: Page) {
  await page.locator("html.scripted").waitFor();
}

/** The rows of a list of runs. */
export function rows(page: Page) {
  return page.getByRole("main").locator("tbody").getByRole("row");
}

export async function expectAccessible(page: Page, when: string) {
  const found = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const words = found.violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  expect.soft(words, `axe finds nothing ${when}`).toEqual([]);
}
