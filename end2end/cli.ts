// The command line beside the running server.
import { execFileSync } from "node:child_process";
import { server } from "./server";

/** Runs one command of the program; gives what it prints. */
export function runs(...args: string[]): string {
  const printed = execFileSync(server.program, args, {
    cwd: server.checkout,
    env: { ...process.env, ...server.environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 50_000,
  });
  return printed.trim();
}
