// Trying a run again, with the model that needs no key.
import { documented, harbor } from "../known";
import { expect, refusedOnConsole, test } from "./fixtures";

test("a run is tried again with its input and its version", async ({ page, open }) => {
  await open(documented.page);
  await page.getByRole("link", { name: "Try in Playground", exact: true }).click();
  await expect(page).toHaveURL(/\/playground\?versionId=[0-9a-f]{32}&taskRunId1=0195dd7a/);
  await expect(page.getByLabel("Model", { exact: true })).toHaveValue("gpt-4o-mini");
  await expect(page.getByLabel("Temperature")).toHaveValue("0.2");
  await expect(page.getByLabel("Instructions")).toHaveValue(/Tallwood/);
  const input = page.getByLabel("Input (JSON)");
  await expect(input).toHaveValue(/Hearth 12-cup coffee maker/);
  await page.getByLabel("Provider").selectOption("echo");
  await expect(page.getByText("Not a language model")).toBeVisible();

  await page.getByRole("button", { name: "Run", exact: true }).click();
  const answer = page.getByRole("region", { name: "Response" });
  await expect(answer).toContainText("Hearth 12-cup coffee maker");
  await answer.getByRole("link", { name: "Open run" }).click();
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("main")).toContainText("echo");
  await expect(page.getByRole("main")).toContainText("Hearth 12-cup coffee maker");
});

test("an input alone leaves prompt and model as they are", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Provider").selectOption("echo");
  await page.getByLabel("Instructions").fill("My own words.");
  await open(documented.page);
  await page.getByRole("link", { name: "Try Input in Playground" }).click();
  await expect(page).toHaveURL(/\/playground\?inputTaskRunId=0195dd7a/);
  await expect(page.getByLabel("Input (JSON)")).toHaveValue(/Hearth 12-cup coffee maker/);
  await expect(page.getByLabel("Instructions")).toHaveValue("My own words.");
  await expect(page.getByLabel("Model", { exact: true })).toHaveValue("echo");
});

test("what is typed survives a reload", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Input (JSON)").fill('{"typed": "here"}');
  await page.reload();
  await expect(page.getByLabel("Input (JSON)")).toHaveValue('{"typed": "here"}');
});

test("an answer can be stopped", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Provider").selectOption("echo");
  const words = Array.from({ length: 200 }, (_, index) => `word${index}`).join(" ");
  await page.getByLabel("Input (JSON)").fill(JSON.stringify({ words }));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const answer = page.getByRole("region", { name: "Response" });
  await expect(answer).toContainText("word3");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await expect(answer).not.toContainText("word199");
  // What came is a run all the same, and says that it was broken off.
  await expect(async () => {
    await open(`/acme/agents/${documented.agent}/runs?q=error:client_closed+word199`);
    await expect(page.locator("tbody").getByRole("row")).toHaveCount(1, { timeout: 500 });
  }).toPass();
});

test.describe("what cannot be sent", () => {
  test.use({ allowedOnConsole: refusedOnConsole });

  test("an input that is no JSON is refused by name", async ({ page, open }) => {
    await open(`/acme/agents/${documented.agent}/playground`);
    await page.getByLabel("Provider").selectOption("echo");
    await page.getByLabel("Input (JSON)").fill("{");
    await page.getByLabel("Input (JSON)").press("ControlOrMeta+Enter");
    await expect(page.getByRole("alert")).toContainText("Input");
  });
});

test("a chat is tried again message by message", async ({ page, open }) => {
  await open("/acme/agents/support-assistant/runs");
  await page.locator("tbody").getByRole("row").first().locator("[data-row]").click();
  const drawer = page.getByRole("complementary", { name: "Run" });
  await drawer.getByRole("link", { name: "Try in Playground", exact: true }).click();
  const messages = page.getByLabel("Input message", { exact: true });
  await expect(messages.first()).toBeVisible();
  await page.getByLabel("Provider").selectOption("echo");
  await messages.last().fill("Is anybody there?");
  await page.getByLabel("Role of Input message").last().selectOption("user");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByRole("region", { name: "Response" })).toContainText("Echo: Is anybody there?");
});

test("a provider that is not set up leads on, and the answer stays after a reload", async ({ page, open }) => {
  await open(documented.page);
  await page.getByRole("link", { name: "Try in Playground", exact: true }).click();
  const run = page.getByRole("button", { name: "Run", exact: true });
  await expect(page.getByText("openai isn't configured.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Set up openai" })).toHaveAttribute("href", "/acme/settings/providers?name=openai");
  await expect(run).toBeDisabled();
  await page.getByRole("button", { name: /^Use echo/ }).click();
  await expect(run).toBeEnabled();
  await page.getByLabel("Input (JSON)").fill('{"ask": "who is there"}');
  await run.click();
  const answer = page.getByRole("region", { name: "Response" });
  await expect(answer).toContainText("who is there");
  await expect(page).toHaveURL(/\/playground\?taskRunId1=[0-9a-f-]{36}$/);
  expect(page.url()).not.toContain(documented.id);
  await page.reload();
  await expect(answer).toContainText("who is there");
  await expect(page.getByLabel("Input (JSON)")).toHaveValue(/who is there/);
});

test("a response keeps the name of the model that gave it", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Provider").selectOption("echo");
  await page.getByLabel("Input (JSON)").fill('{"ask": "who are you"}');
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const response = page.getByRole("region", { name: "Response" });
  await expect(response).toContainText("who are you");
  const head = response.locator(".panel-head");
  await expect(head).toContainText("echo");
  await page.getByLabel("Model", { exact: true }).fill("gpt-4o-mini");
  await expect(head).toContainText("echo");
  await expect(head).not.toContainText("gpt-4o-mini");
});

test("the shortcut runs the draft wherever the focus is", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Provider").selectOption("echo");
  await page.getByLabel("Input (JSON)").fill('{"ask": "from anywhere"}');
  await page.getByRole("heading", { name: "Playground" }).click();
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("region", { name: "Response" })).toContainText("from anywhere");
});

test("setting a provider up begins with what is known of it", async ({ page, open }) => {
  await open("/acme/settings/providers?name=openai");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("openai");
  await expect(page.getByLabel("Base URL")).toHaveValue("https://api.openai.com/v1");
});

test("versions that were only tried stand apart", async ({ page, open }) => {
  await open(`/acme/agents/${documented.agent}/playground`);
  await page.getByLabel("Provider").selectOption("echo");
  await page.getByLabel("Instructions").fill("A version of its own.");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByRole("link", { name: "Open run" })).toBeVisible();
  await expect(async () => {
    await open(`/acme/agents/${documented.agent}/versions`);
    const tried = page.locator("details.versions-tried");
    await tried.locator("> summary").click({ timeout: 500 });
    // Its instructions are folded in its card.
    const card = tried.getByRole("listitem").filter({ hasText: "A version of its own." });
    await expect(card.first()).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(page.locator("main > .page > ol.versions, ol.versions").first()).not.toContainText("A version of its own.");
});

test("opened by itself it begins with the newest input", async ({ page, open }) => {
  await open(`/acme/agents/${harbor.agent}/playground`);
  await expect(page.getByLabel("Input (JSON)")).toHaveValue(/Two tries until somebody answered/);
});
