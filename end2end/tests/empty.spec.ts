// An organization before its first run.
import { empty } from "../known";
import { server } from "../server";
import { expect, test } from "./fixtures";

test("the first run is explained with this server's address", async ({ page, open }) => {
  for (const path of [`/${empty.plain}/agents`, `/${empty.plain}/runs`]) {
    await open(path);
    await expect(page.getByRole("heading", { name: "Send your first run" })).toBeVisible();
    await expect(page.locator("pre")).toContainText(`curl ${server.url}/v1/runs`);
  }
});
