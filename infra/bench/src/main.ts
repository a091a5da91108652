import { writeFile } from "node:fs/promises";
import { createProgress } from "@rekey/stack";
import { helpText, readOptions, type Wish } from "./options.ts";
import { figuresText } from "./report/tables.ts";
import { writePage } from "./report/page.ts";
import { runBench } from "./run-bench.ts";

const openProgress = () =>
  createProgress({
    write: (text) => process.stdout.write(text),
    live: process.stdout.isTTY && process.env["TERM"] !== "dumb",
    columns: () => process.stdout.columns,
    now: () => performance.now(),
    every: (milliseconds, tick) => {
      const timer = setInterval(tick, milliseconds);
      return () => clearInterval(timer);
    },
  });

const untilStopped = (): AbortSignal => {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => abort.abort(new Error(`stopped by ${name}`)));
  return abort.signal;
};

const run = async ({ json, write, ...asked }: Extract<Wish, { ask: "run" }>): Promise<number> => {
  try {
    const figures = await runBench({ ...asked, progress: openProgress(), signal: untilStopped() });
    process.stdout.write(`\n${figuresText(figures)}\n`);
    if (asked.isQuick) process.stdout.write("  A quick run: these figures say nothing.\n");
    if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
    if (write) await writePage(figures);
    return 0;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
};

const usageExitCode = 2;

const wish = readOptions(process.argv.slice(2));
if (wish.ask === "help") process.stdout.write(helpText);
else if (wish.ask === "refused") {
  process.stderr.write(`bench: ${wish.reason}\n\n${helpText}`);
  process.exitCode = usageExitCode;
} else process.exit(await run(wish));
