import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isAlive, startTimeOf, waitUntilGone } from "./process-table.ts";

test("a process is alive until it ended, whether or not its parent collects it", async () => {
  // The shell becomes a program that collects no children.
  const parent = spawn("sh", ["-c", "sleep 30 & echo $!; exec sleep 30"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(line.toString().trim());
    expect(isAlive(child)).toBe(true);
    expect(await startTimeOf(child)).toMatch(/./);
    process.kill(child, "SIGKILL");
    expect(await waitUntilGone(child, 2_000)).toBe(true);
    expect(await startTimeOf(child)).toBeUndefined();
  } finally {
    parent.kill("SIGKILL");
  }
});
