// The playground without JavaScript.
import { documented } from "../known";
import { expect, test } from "./fixtures";

test("it says what it needs, and offers nothing that would not work", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await expect(page.getByText("The playground needs JavaScript")).toBeVisible();
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeHidden();
  await expect(page.getByLabel("Instructions")).toBeHidden();
});
