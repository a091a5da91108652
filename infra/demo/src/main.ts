import { resolve } from "node:path";
import { helpText, readOptions } from "./options.ts";
import { layoutOf, repositoryFile } from "./run/layout.ts";
import { runDemo, type DemoOptions } from "./run-demo.ts";
import { createScreen, type Screen } from "./terminal/screen.ts";

const openScreen = (write: (text: string) => void): Screen => {
  const live = process.stdout.isTTY && process.env["TERM"] !== "dumb";
  return createScreen({
    write,
    live,
    colour: live && !process.env["NO_COLOR"],
    columns: () => process.stdout.columns,
    now: () => performance.now(),
    every: (milliseconds, tick) => {
      const timer = setInterval(tick, milliseconds);
      return () => clearInterval(timer);
    },
  });
};

// What a program needs to start, and nothing of Rekey's own settings.
const passed = ["PATH", "HOME", "LANG", "TMPDIR", "USER"];
const passedEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    passed.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const untilStopped = (): AbortSignal => {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => abort.abort(new Error(`stopped by ${name}`)));
  return abort.signal;
};

/** The exit code: 0 only if every claim held. */
const play = async (asked: Pick<DemoOptions, "json" | "keep" | "layout">): Promise<number> => {
  const said: string[] = [];
  const screen = openScreen((text) => {
    said.push(text);
    process.stdout.write(text);
  });
  const signal = untilStopped();
  try {
    const verified = await runDemo({
      ...asked,
      screen,
      said: () => said.join(""),
      environment: passedEnvironment(),
      signal,
    });
    return verified ? 0 : 1;
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    const text = reason instanceof Error ? reason.message : String(reason);
    screen.verdict(false, "the demonstration broke off", text);
    return 1;
  }
};

const usageExitCode = 2;

const asked = readOptions(process.argv.slice(2));
if (asked.ask === "help") process.stdout.write(helpText());
else if (asked.ask === "refused") {
  process.stderr.write(`${asked.reason}\n\n${helpText()}`);
  process.exitCode = usageExitCode;
} else
  process.exitCode = await play({
    json: asked.json === undefined ? undefined : resolve(asked.json),
    keep: asked.keep,
    layout: layoutOf(resolve(asked.folder ?? repositoryFile(".rekey/demo"))),
  });
