// The server that the journeys run against: a release build, or another one
// that RUNS_E2E_PROGRAM names, on a data directory of its own, which goes with
// the machine's temporary files.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const checkout = path.resolve(__dirname, "..");
const port = process.env.RUNS_E2E_PORT || "3987";
const program = process.env.RUNS_E2E_PROGRAM || path.join("target", "release", "runs");

// Playwright loads its configuration once in every worker; all must agree.
const dataDir = (process.env.RUNS_E2E_DATA ??= mkdtempSync(path.join(tmpdir(), "runs-e2e-")));

export const server = {
  checkout,
  program: path.resolve(checkout, program),
  url: `http://127.0.0.1:${port}`,
  signedIn: path.join(dataDir, "signed-in.json"),
  org: "acme",
  email: "ada@example.com",
  password: "correct horse battery staple",
  key: "rk_e2e0123456789abcdef",
  environment: {
    RUNS_ADDR: `127.0.0.1:${port}`,
    RUNS_DATA_DIR: dataDir,
    RUNS_ORG: "acme",
    RUNS_ADMIN_EMAIL: "ada@example.com",
    RUNS_ADMIN_PASSWORD: "correct horse battery staple",
    RUNS_API_KEY: "rk_e2e0123456789abcdef",
    RUST_LOG: "warn",
  },
};
