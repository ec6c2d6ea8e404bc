// Texts that browsers drop, change or turn around, in every place that shows what somebody sent.
import { send } from "../known";
import { server } from "../server";
import { expect, test } from "./fixtures";

const agent = "odd-texts";
const [structured, chat, failed] = [1, 2, 3].map((n) => `0198a021-0000-7000-8000-00000000000${n}`);

/** What nobody sees, alone and inside words: first what HTML cannot hold at all. */
const nul = "\0";
const odd = (word: string) => `${word}\0\u0001\u001b[1m\r\n${word}\rx\u0085\ufeff\ufffe\ufdd0\u202e${word}\u2066`;
/** A key that an address can name. */
const oddKey = "key\u202eyek\u001b";
const hebrew = "שלום עולם";

/** What may not stand in the HTML of a page, since a browser would read something else. */
const unreadable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]/;

test.beforeAll(async ({ request }) => {
  const version = { provider: odd("prov"), model: odd("model"), instructions: nul, [odd("key")]: odd("setting") };
  const message = (role: string, content: string) => ({ role, content });
  const runs = [
    {
      id: structured,
      agent,
      version,
      input: { [odd("key")]: odd("value"), alone: nul, line: "\n", return: "\r", list: [nul, odd("item")], hebrew },
      output: nul,
      metadata: { label: odd("label"), alone: nul, hebrew, [oddKey]: "a" },
      environment: odd("env"),
      conversation_id: odd("conv"),
      tool_calls: [{ id: odd("call"), name: odd("tool"), input: { a: nul }, output: odd("result") }],
      reasoning: [{ title: odd("title"), text: nul }],
    },
    {
      id: chat,
      agent,
      version: { ...version, messages: [message("system", nul), message("system", odd("prompt"))], tools: [] },
      input: { city: nul, messages: [message("user", nul), message("user", odd("**bold** `code` &#x202E; &#27;")), message("user", hebrew)] },
      output: message("assistant", "\n"),
      completions: [
        {
          provider: odd("prov"),
          model: odd("model"),
          request: { model: odd("model"), messages: [message("user", odd("sent"))], [odd("param")]: nul },
          response: { choices: [{ index: 0, message: message("assistant", nul), finish_reason: odd("stop") }] },
        },
      ],
    },
    {
      id: failed,
      agent,
      version,
      input: nul,
      error: { code: odd("code"), message: odd("message"), details: { why: nul } },
    },
  ];
  await send(request, server.key, runs);
});

const run = (id: string) => `/acme/agents/${agent}/runs/${id}`;
const pages: [name: string, path: string][] = [
  ["a list", `/acme/agents/${agent}/runs`],
  ["a search", `/acme/agents/${agent}/runs?q=value&columns=status,input,output,model,environment,conversation,metadata.label,tool,error,cost`],
  ["a structured run", run(structured)],
  ["a structured run as raw JSON", `${run(structured)}?view=raw`],
  ["a chat", run(chat)],
  ["a chat to the letter", `${run(chat)}?view=verbatim`],
  ["a failed run", run(failed)],
  ["a prompt", `${run(chat)}/prompt`],
  ["a prompt of a run without exchanges", `${run(structured)}/prompt`],
  ["a prompt as Markdown", `${run(chat)}/prompt?view=markdown`],
  ["a prompt in which something was looked for", `${run(chat)}/prompt?find=sent`],
  ["versions", `/acme/agents/${agent}/versions`],
  ["figures by environment", `/acme/agents/${agent}/stats?by=environment`],
  ["figures by a metadata key", `/acme/agents/${agent}/stats?by=${encodeURIComponent(`metadata.${oddKey}`)}`],
  ["the playground", `/acme/agents/${agent}/playground?taskRunId1=${chat}`],
];

for (const [name, path] of pages) {
  test(`${name} shows signs for what browsers drop or change`, async ({ page, open, request }) => {
    // The value of a form's field is no text to be read, and goes back as it came.
    const html = (await (await request.get(path)).text()).replace(/ value="[^"]*"/g, "");
    const found = html.split("\n").filter((line) => unreadable.test(line));
    expect(found, "nothing unreadable is sent").toEqual([]);
    await open(path);
    // What the browser holds after its script took over is as readable.
    const shown = await page.locator("body").evaluate((body) => body.innerText);
    expect(shown.replaceAll("\n", "").match(unreadable)).toBeNull();
  });
}

test("a text of NUL alone is a sign, and the page goes on working", async ({ page, open, javaScriptEnabled }) => {
  await open(run(structured));
  const row = page.locator(".tree-row", { has: page.locator("dt", { hasText: "alone" }) });
  await expect(row.locator("dd")).toHaveText("␀");
  await expect(page.getByRole("main")).toContainText("key␀␁␛[1m");
  await expect(page.getByRole("main")).toContainText("x‹U+0085›‹U+FEFF›‹U+FFFE›‹U+FDD0›‹U+202E›");
  if (javaScriptEnabled) {
    await page.getByRole("link", { name: "Raw JSON" }).click();
    await expect(page.locator("pre.raw-json").first()).toContainText('"alone": "\\u0000"');
    await page.goBack();
    await expect(row.locator("dd")).toHaveText("␀");
  }
});

test("text that is read from the right begins at the right, and turns nothing around it", async ({ page, open }) => {
  await open(run(chat));
  const text = page.locator(".messages .markdown p", { hasText: hebrew });
  const [line, box] = await text.evaluate((p) => {
    const range = document.createRange();
    range.selectNodeContents(p);
    return [range.getBoundingClientRect().right, p.getBoundingClientRect().right];
  });
  expect(Math.abs(line - box)).toBeLessThan(2);
  await open(run(failed));
  const code = page.locator(".run-error .badge").first();
  await expect(code).toContainText("‹U+202E›code");
});
