// Runs to read, people to read them, and Ada signed in.
import { runs } from "../cli";
import { crowd, empty, harbor, rival, send, short } from "../known";
import { server } from "../server";
import { expect, test } from "./fixtures";

test("runs are stored", async ({ request }) => {
  const outcome = JSON.parse(runs("demo", "--org", server.org, "--json"));
  expect(outcome).toEqual({ org: server.org, accepted: 2000, rejected: 0 });
  await send(
    request,
    server.key,
    harbor.runs.map((run) => ({ agent: harbor.agent, ...run })),
  );
  await send(request, server.key, [{ agent: short.agent, ...short.run }]);
});

test("there are other organizations", async ({ request }) => {
  for (const org of Object.values(empty)) {
    runs("org", "create", org);
    runs("member", "add", server.email, "--org", org, "--role", "owner");
  }
  runs("org", "create", crowd.org);
  runs("member", "add", server.email, "--org", crowd.org, "--role", "owner");
  const own = runs("key", "create", "--org", crowd.org, "--scope", "ingest,read");
  const number = (index: number) => String(index).padStart(2, "0");
  await send(
    request,
    own,
    Array.from({ length: crowd.agents }, (_, index) => ({
      agent: `clerk-${number(index)}`,
      // The higher the number the dearer, and the longer ago.
      created_at: new Date(Date.now() - index * 60_000).toISOString(),
      cost_usd: index / 100,
      output: "stamped",
      ...(index % 2 === 0 ? { error: { code: "ink", message: "no ink" } } : {}),
    })),
  );
  runs("org", "create", rival.org);
  const key = runs("key", "create", "--org", rival.org, "--scope", "ingest,read");
  await send(request, key, [{ id: rival.id, agent: rival.agent, input: { plan: "win" }, output: "yes" }]);
});

test("Ada signs in", async ({ page, open }) => {
  await open("/login");
  await page.getByLabel("Email").fill(server.email);
  await page.getByLabel("Password").fill(server.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Agents" })).toBeVisible();
  await page.context().storageState({ path: server.signedIn });
});
