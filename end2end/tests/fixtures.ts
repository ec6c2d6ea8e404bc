// What every journey holds to: no word on the console, no error on the page,
// and nothing that axe finds wrong.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ page }, use) => {
      const said: string[] = [];
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => said.push(`error: ${error.message}`));
      await use();
      expect(said, "the console stays empty").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Opens a page and waits until it reacts; without JavaScript it is ready as it is. */
export async function open(page: Page, path: string, javaScript: boolean) {
  await page.goto(path);
  if (javaScript) {
    await page.locator("html[data-hydrated]").waitFor();
  }
}

export async function expectAccessible(page: Page) {
  const found = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const words = found.violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  expect(words, "axe finds nothing").toEqual([]);
}
