// Signing in, the way back to where one wanted to go, and signing out.
import { documented, rival } from "../known";
import { server } from "../server";
import { expect, signedOut, test } from "./fixtures";

test.use({ storageState: signedOut });

test("a deep link leads to sign-in and back", async ({ page, open }) => {
  await open(`${documented.page}?q=coffee`);
  await expect(page).toHaveURL(`/login?next=${encodeURIComponent(documented.page)}%3Fq%3Dcoffee`);
  await page.getByLabel("Email").fill(server.email);
  await page.getByLabel("Password").fill(server.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`${documented.page}?q=coffee`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(documented.agent);
});

test("a wrong password is said, and the way back is kept", async ({ page, open }) => {
  await open("/acme/runs");
  await page.getByLabel("Email").fill(server.email);
  await page.getByLabel("Password").fill("wrong horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Incorrect email or password.");
  await expect(page.getByLabel("Email")).toHaveValue(server.email);
  await expect(page.getByLabel("Password")).toBeFocused();
  await page.getByLabel("Password").fill(server.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/acme/runs");
});

test("signed out, pages that exist and others answer alike", async ({ request }) => {
  const paths = [
    "/acme/agents",
    "/nobody/agents",
    documented.page,
    `/acme/agents/none/runs/${documented.id}`,
    `/${rival.org}/agents/${rival.agent}/runs/${rival.id}`,
    "/acme/no/such/page/at/all",
  ];
  const answers = paths.map(async (path) => {
    const answer = await request.get(path, { maxRedirects: 0 });
    const { location, date: _, "x-request-id": __, ...headers } = answer.headers();
    expect(location).toBe(`/login?next=${encodeURIComponent(path)}`);
    return { status: answer.status(), headers, body: await answer.text() };
  });
  const [first, ...others] = await Promise.all(answers);
  expect(first).toMatchObject({ status: 303, body: "" });
  for (const other of others) {
    expect(other).toEqual(first);
  }
});

test("signing out ends the session", async ({ page, open }) => {
  await open("/login");
  await page.getByLabel("Email").fill(server.email);
  await page.getByLabel("Password").fill(server.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Agents" })).toBeVisible();
  const cookies = await page.context().cookies();

  await page.getByLabel("Account").click();
  await expect(page.getByText(server.email)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/login");
  await open("/acme/agents");
  await expect(page).toHaveURL("/login?next=%2Facme%2Fagents");

  // The old cookie is worth nothing either.
  await page.context().addCookies(cookies);
  await open("/acme/agents");
  await expect(page).toHaveURL("/login?next=%2Facme%2Fagents");
});
