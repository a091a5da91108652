import { createProgress, environmentOf } from "@rekey/stack";
import { readCommand } from "./cli/options.ts";
import { run } from "./cli/run.ts";

const progress = createProgress({
  write: (text) => process.stderr.write(text),
  live: process.stderr.isTTY && process.env["TERM"] !== "dumb",
  columns: () => process.stderr.columns,
  now: () => performance.now(),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  },
});

const interrupted = new AbortController();
const command = readCommand(process.argv.slice(2));
if (command.command === "logs") process.once("SIGINT", () => interrupted.abort());

process.exitCode = await run(command, {
  environment: environmentOf(process.env),
  progress,
  out: (text) => process.stdout.write(text),
  signal: interrupted.signal,
});
