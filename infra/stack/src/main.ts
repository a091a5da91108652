import { readCommand } from "./cli/options.ts";
import { createProgress } from "./cli/progress.ts";
import { run } from "./cli/run.ts";
import { environmentOf } from "./environment.ts";

const columnsDefault = 80;

const progress = createProgress({
  write: (text) => process.stderr.write(text),
  live: process.stderr.isTTY && process.env["TERM"] !== "dumb",
  // A terminal that does not tell its width tells 0.
  columns: () => process.stderr.columns || columnsDefault,
  now: () => performance.now(),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  },
});

process.exitCode = await run(readCommand(process.argv.slice(2)), {
  environment: environmentOf(process.env),
  progress,
  out: (text) => process.stdout.write(text),
});
