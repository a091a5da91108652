import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { layoutOf, repositoryFile } from "./run/layout.ts";
import { runDemo } from "./run-demo.ts";
import { createScreen } from "./terminal/screen.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    folder: { type: "string", default: repositoryFile(".rekey/demo") },
  },
});

const live = process.stdout.isTTY && process.env["TERM"] !== "dumb";
const screen = createScreen({
  write: (text) => process.stdout.write(text),
  live,
  colour: live && !process.env["NO_COLOR"],
  columns: () => process.stdout.columns,
  now: () => performance.now(),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  },
});

const abort = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => abort.abort(new Error(`stopped by ${name}`)));

// What a program needs to start, and nothing of Rekey's own settings.
const passed = ["PATH", "HOME", "LANG", "TMPDIR", "USER"];
const environment = Object.fromEntries(
  passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

try {
  const verified = await runDemo({
    layout: layoutOf(resolve(values.folder)),
    screen,
    environment,
    signal: abort.signal,
    json: values.json === undefined ? undefined : resolve(values.json),
    keep: values.keep,
  });
  process.exitCode = verified ? 0 : 1;
} catch (error) {
  const reason: unknown = abort.signal.aborted ? abort.signal.reason : error;
  const text = reason instanceof Error ? reason.message : String(reason);
  screen.verdict(false, "the demonstration broke off", text);
  process.exitCode = 1;
}
