import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Starts a fixture as a process of its own; `argument` is its first argument, as JSON. */
export const spawnFixture = (file: URL, argument: object): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(file), JSON.stringify(argument)], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** The lines that a child wrote so far. */
export function linesOf(child: ChildProcess): {
  all(): string[];
  first(line: string): Promise<void>;
} {
  let text = "";
  // Its exit may be told before what it wrote last; this never is.
  let isOver = false;
  const over = once(child, "close").then(() => (isOver = true));
  const all = (): string[] => text.split("\n").filter((line) => line !== "");
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    all,
    async first(line) {
      while (!all().includes(line)) {
        if (isOver) throw new Error("the fixture process ended");
        await Promise.race([once(child.stdout ?? child, "data"), over]);
      }
    },
  };
}

export interface StuckServer {
  performing(): number;
  kill(): Promise<void>;
}

/** A process that serves, once it said `ready`, and says `performing` for each hint that it never finishes. */
export async function spawnStuckServer(file: URL, argument: object): Promise<StuckServer> {
  const child = spawnFixture(file, argument);
  const lines = linesOf(child);
  await lines.first("ready");
  return {
    performing: () => lines.all().filter((line) => line === "performing").length,
    kill: async () => {
      child.kill("SIGKILL");
      if (child.signalCode === null && child.exitCode === null) await once(child, "exit");
    },
  };
}
