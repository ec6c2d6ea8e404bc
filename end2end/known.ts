// Runs that the journeys know by heart.
import { expect, type APIRequestContext } from "@playwright/test";
import { server } from "./server";

/** The run of the documentation, which `runs demo` brings along. */
export const documented = {
  agent: "review-summary-generator",
  id: "0195dd7a-6977-7197-7ec3-4fc44ade50dc",
  get page() {
    return `/${server.org}/agents/${this.agent}/runs/${this.id}`;
  },
};

/** An agent with four runs, so that a search has one right answer. */
export const harbor = {
  agent: "harbor-log",
  get list() {
    return `/${server.org}/agents/${this.agent}/runs`;
  },
  runs: [
    {
      id: "0198a001-0000-7000-8000-000000000001",
      input: { ship: "Aurora", note: "The tide was late and the crew waited at the quay." },
      output: { berth: 7, text: "Moored at berth seven after Zoé's signal" },
      version: { model: "gpt-4o-mini", temperature: 0 },
      latency_ms: 400,
      metadata: { "pilot.name": "Inês", tide: "late" },
    },
    {
      id: "0198a002-0000-7000-8000-000000000002",
      input: { ship: "Borealis", note: "Late at night the tide turned." },
      output: { berth: 3, text: "Moored at berth three" },
      version: { model: "gpt-4o", temperature: 0.7 },
      latency_ms: 2600,
      metadata: { "pilot.name": "Knut" },
    },
    {
      id: "0198a003-0000-7000-8000-000000000003",
      input: { ship: "Corvus", note: "Fog. No berth assigned." },
      error: { code: "upstream_timeout", message: "the harbour master did not answer" },
      version: { model: "gpt-4o", temperature: 0.7 },
      latency_ms: 30000,
      metadata: { "pilot.name": "Knut" },
    },
    {
      id: "0198a004-0000-7000-8000-000000000004",
      input: { ship: "Draco", note: "Two tries until somebody answered." },
      output: { berth: 1, text: "Moored at last" },
      version: { model: "gpt-4o-mini", temperature: 0 },
      completions: [
        {
          provider: "openai",
          model: "gpt-4o",
          request: { model: "gpt-4o", messages: [{ role: "user", content: "First try:\n  berth for *Draco*?" }] },
          response: { error: { message: "The engine is overloaded", type: "server_error" } },
          error: { code: "upstream_error", message: "The engine is overloaded" },
          latency_ms: 120,
        },
        {
          provider: "openai",
          model: "gpt-4o-mini",
          request: {
            model: "gpt-4o-mini",
            messages: [{ role: "user", content: "Second try:\n  berth for *Draco*?" }],
          },
          response: {
            choices: [
              { index: 0, message: { role: "assistant", content: "Berth one is free." }, finish_reason: "stop" },
            ],
            usage: { prompt_tokens: 17, completion_tokens: 5 },
          },
          latency_ms: 350,
        },
      ],
    },
  ],
};

/** An organization whose members Ada does not belong to, and its run. */
export const rival = {
  org: "rival",
  agent: "secret-agent",
  id: "0198a00f-0000-7000-8000-00000000000f",
};

/** An agent whose names are as short as names can be, with a chat full of Markdown. */
export const short = {
  agent: "z",
  get list() {
    return `/${server.org}/agents/${this.agent}/runs`;
  },
  run: {
    id: "0198a005-0000-7000-8000-000000000005",
    input: {
      messages: [
        { role: "user", content: "# Plan\n\n### Detail\n\n```py\nprint('ahoy')\n```\n\n## Next" },
        { role: "user", content: "### Again\n\n`ahoy`" },
      ],
    },
    output: { role: "assistant", content: "#### Done\n\n    code" },
    version: { model: "m", provider: "p" },
    metadata: { a: "b", c: 1 },
  },
};

/** An organization of Ada's with more agents than a page holds, the last one without a failure. */
export const crowd = { org: "crowd", agents: 53 };

/** Organizations of Ada's without a run, one for each use. */
export const empty = { scripted: "empty-scripted", plain: "empty-plain", first: "empty-first" };

/** Sends runs over REST and waits until lists have them; fails unless every one is accepted. */
export async function send(request: APIRequestContext, key: string, runs: object[]) {
  const answer = await request.post("/v1/runs", {
    headers: { Authorization: `Bearer ${key}` },
    data: runs,
  });
  const outcome = await answer.json();
  if (outcome.accepted !== runs.length) {
    throw new Error(`not every run was accepted: ${JSON.stringify(outcome)}`);
  }
  // A run is acknowledged when it is on disk, which is before lists have it.
  const last = outcome.runs.at(-1);
  const listed = async () => {
    const list = await request.get(`/v1/_/agents/${last.agent}/runs`, {
      headers: { Authorization: `Bearer ${key}` },
      params: { q: `id:${last.id}` },
    });
    return list.ok() && (await list.json()).count === 1;
  };
  await expect.poll(listed, { timeout: 10_000 }).toBe(true);
}
