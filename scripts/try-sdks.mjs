// The part of try-sdks that Node's SDKs play: jobs come as JSON on stdin, each
// answer leaves as a line of JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Unlike `import`, this looks into NODE_PATH.
const require = createRequire(import.meta.url);
const OpenAI = require("openai").OpenAI;
const Anthropic = require("@anthropic-ai/sdk").Anthropic;

const CALLS = {
  "openai.chat": [OpenAI, (client) => client.chat.completions],
  "openai.responses": [OpenAI, (client) => client.responses],
  "anthropic.messages": [Anthropic, (client) => client.messages],
};

async function ask(job) {
  const [Client, call] = CALLS[job.kind];
  const client = new Client({ baseURL: job.base, apiKey: job.key, maxRetries: 0, logLevel: "off" });
  const items = [];
  let headers = {};
  try {
    const options = { headers: job.headers, timeout: job.timeout * 1000 };
    const asked = call(client).create({ ...job.request, ...job.extra }, options);
    const { data, response } = await asked.withResponse();
    headers = Object.fromEntries(response.headers);
    if (!job.request.stream) return { items: [data], headers, request_id: data._request_id };
    for await (const item of data) {
      items.push(item);
      if (job.leave) break;
    }
    return { items, headers };
  } catch (error) {
    if (error.headers) headers = Object.fromEntries(error.headers);
    const { status, error: body, message } = error;
    return { items, headers, error: { class: error.constructor.name, status, body, message },
             request_id: error.requestID };
  }
}

const jobs = JSON.parse(readFileSync(0, "utf8"));
let next = 0;
async function work() {
  while (next < jobs.length) {
    const job = jobs[next++];
    const answer = await ask(job);
    console.log(JSON.stringify({ job: job.headers["x-try"], ...answer }));
  }
}
await Promise.all([work(), work(), work(), work()]);
