// Runs that are too large to be shown or edited whole.
import { server } from "../server";
import { expect, test } from "./fixtures";

const agent = "large-runs";
const [deep, numbers, long, parts, names] = [1, 2, 3, 4, 5].map((n) => `0198a031-0000-7000-8000-00000000000${n}`);
/** No page of a run is larger than this, whatever the run holds. */
const mostBytes = 2_500_000;

/** Runs of a conversation whose every name and text is of half a megabyte. */
function named(id: string) {
  const huge = (what: string) => `${what} ${"x".repeat(500_000)}`;
  const part = { type: "image_url", image_url: { url: `https://e.test/${huge("picture")}` } };
  const run = {
    agent,
    conversation_id: "huge-names",
    version: { provider: huge("provider"), model: huge("model"), tools: [{ name: huge("tool") }] },
    input: { messages: [{ role: huge("role"), content: [part] }] },
    error: { code: huge("code"), message: huge("message") },
    tool_calls: [{ id: huge("call"), name: huge("tool"), input: {} }],
    reasoning: [{ title: huge("title"), text: huge("thought") }],
    metadata: { label: huge("label") },
  };
  return [run, run, run, { ...run, id }];
}

test.beforeAll(async ({ request }) => {
  const echo = { provider: "echo", model: "echo" };
  const message = (number: number) => ({ role: "user", content: `message ${number}` });
  const nested = JSON.parse(`${"[".repeat(60)}1${"]".repeat(60)}`);
  const many = Array.from({ length: 20_000 }, () => ({ type: "text", text: "part" }));
  // A run is read by its id as soon as it is acknowledged.
  const runs = [
    { id: deep, agent, version: echo, input: { tree: Array.from({ length: 3_000 }, () => nested) } },
    { id: numbers, agent, version: echo, input: Array.from({ length: 1_000_000 }, (_, n) => n % 10) },
    { id: long, agent, version: echo, input: { messages: Array.from({ length: 5_000 }, (_, n) => message(n)) } },
    ...named(names),
    { id: parts, agent, version: echo, input: { messages: [{ role: "user", content: many }] } },
  ];
  const headers = { Authorization: `Bearer ${server.key}` };
  const answer = await request.post("/v1/runs", { headers, data: runs });
  expect((await answer.json()).accepted).toBe(runs.length);
});

for (const [name, id] of [
  ["deep JSON", deep],
  ["a million numbers", numbers],
  ["five thousand messages", long],
  ["a message of many parts", parts],
  ["huge names", names],
]) {
  test(`pages of ${name} stay small`, async ({ request }) => {
    const run = `/acme/agents/${agent}/runs/${id}`;
    const playground = `/acme/agents/${agent}/playground`;
    for (const path of [run, `${run}?view=raw`, `${run}/prompt`, `${playground}?taskRunId1=${id}`]) {
      const html = await (await request.get(path)).body();
      expect(html.length, path).toBeLessThan(mostBytes);
    }
  });
}

test("lists of huge names stay small", async ({ request }) => {
  for (const list of [`/acme/agents/${agent}/runs`, `/acme/runs?columns=model,provider,error,tool,metadata.label`]) {
    const html = await (await request.get(list)).body();
    expect(html.length, list).toBeLessThan(1_000_000);
  }
});

test("an input too large to be edited is sent as it is", async ({ page, open }) => {
  await open(`/acme/agents/${agent}/playground?taskRunId1=${long}`);
  await expect(page.getByText(/Too large to edit here.*4,950 earlier messages/)).toBeVisible();
  await expect(page.getByLabel("Input message", { exact: true })).toHaveCount(50);
  await page.getByLabel("Input message", { exact: true }).last().fill("changed at the end");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("link", { name: "Open run" }).click();
  await expect(page.getByText("4,900 earlier messages")).toBeVisible();
  await expect(page.getByText("changed at the end").first()).toBeVisible();
});

test("what is too large to be edited can be left out", async ({ page, open }) => {
  await open(`/acme/agents/${agent}/playground?taskRunId1=${numbers}`);
  await page.getByRole("button", { name: "Leave out" }).click();
  await page.getByLabel("Input (JSON)").fill('{"short": true}');
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByRole("region", { name: "Response" })).toContainText("short");
});
