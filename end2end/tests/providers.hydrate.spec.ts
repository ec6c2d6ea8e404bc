// Setting providers up.
import { expect, refusedOnConsole, test } from "./fixtures";

test.use({ allowedOnConsole: refusedOnConsole });

test("an address inside the network is refused by name", async ({ page, open }) => {
  await open("/acme/settings/providers");
  for (const url of ["http://127.0.0.1:11434/v1", "http://localhost:11434/v1"]) {
    await page.getByLabel("Name").fill("inside");
    await page.getByLabel("Base URL").fill(url);
    await page.getByRole("button", { name: "Save provider" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Base URL" })).toContainText("RUNS_ALLOW_PRIVATE_UPSTREAMS");
  }
  await expect(page.getByText("No providers yet.")).toBeVisible();
});
