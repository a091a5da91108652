import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { once } from "node:events";

/** A process of the demonstration's own, by its pid. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** Resolves with how it ended: a code, or the signal's name. */
  readonly ended: Promise<number | string>;
  isRunning(): boolean;
  /** Asks it to end; kills it when it takes too long. */
  stop(): Promise<void>;
}

interface StartOptions {
  readonly name: string;
  /** Arguments of node: the main file first. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Both outputs go there. */
  readonly log: string;
}

const stopMsMax = 15_000;

/** Starts node with its stdin as a pipe of ours: the child ends by itself should this process be killed. */
export const startChild = (options: StartOptions): Child => {
  const output = createWriteStream(options.log, { flags: "a" });
  const child = spawn(process.execPath, [...options.arguments], {
    env: { ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  child.stdin.on("error", () => undefined);
  const ended = endOf(child).finally(() => output.end());
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    name: options.name,
    pid: child.pid ?? -1,
    log: options.log,
    ended,
    isRunning,
    stop: async () => {
      if (!isRunning()) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      await ended.finally(() => clearTimeout(late));
    },
  };
};

const endOf = async (child: ChildProcess): Promise<number | string> => {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return code ?? signal ?? "unknown";
};

/** Whether a process with this id exists. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
