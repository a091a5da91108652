import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

interface RunOptions {
  /** Arguments of node: the main file first. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Where it runs; absent: where this process does. */
  readonly cwd?: string;
  readonly stdin?: string;
}

/** How a program ended, and all it said. */
interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

const runMsMax = 120_000;

/** Runs node to its end, gives it its whole input and takes its whole output. Rejects when it takes too long. */
export const runToEnd = async (options: RunOptions): Promise<Ended> => {
  const child = spawn(process.execPath, [...options.arguments], {
    cwd: options.cwd,
    env: { ...options.environment },
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(runMsMax)]),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined).end(options.stdin ?? "");
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, error };
};
