import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the last line of a stopped process is that it stopped, however slow the log is written", () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "last-line.fixture.ts")],
    { env: { UV_THREADPOOL_SIZE: "1" }, encoding: "utf8" },
  );
  const messages = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).message);
  expect(messages).toEqual(["stopping", "database stopped", "stopped"]);
  expect(status).toBe(0);
});
