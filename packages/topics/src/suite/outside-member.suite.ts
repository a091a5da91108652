import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { OutsideMember } from "./world.suite.ts";

/** Starts a member's program, which writes `ready`, `started <partition> <offset>` and `finished`. */
export const spawnProgram = (program: URL, argument: unknown): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(program), JSON.stringify(argument)], {
    stdio: ["pipe", "pipe", "inherit"],
  });

/** Resolves when the program is ready. */
export async function outsideMember(child: ChildProcess): Promise<OutsideMember> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  // Its exit may be told before what it wrote last; this never is.
  let isOver = false;
  const over = once(child, "close").then(() => (isOver = true));
  const lines = (): string[] => text.split("\n");
  while (!lines().includes("ready")) {
    if (isOver) throw new Error("the member process ended");
    await Promise.race([once(child.stdout ?? child, "data"), over]);
  }
  return {
    started: () =>
      lines().flatMap((line) => {
        const [word, partition, offset] = line.split(" ");
        if (word !== "started") return [];
        return [{ partition: Number(partition), offset: BigInt(offset ?? 0) }];
      }),
    finished: () => lines().filter((line) => line === "finished").length,
    release: () => void child.stdin?.write("go\n"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill: async () => {
      child.kill("SIGKILL");
      if (child.signalCode === null) await once(child, "exit");
    },
  };
}
