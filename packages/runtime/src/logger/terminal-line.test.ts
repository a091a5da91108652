import { expect, test } from "vitest";
import { createLog } from "./logger.ts";
import { terminalLine, terminalLines } from "./terminal-line.ts";
import type { Log } from "./log.ts";

const shown = (use: (log: Log) => void): string => {
  let output = "";
  const lines = terminalLines({
    write: (line) => void (output += line),
    flush: (done) => done(),
  });
  use(createLog({ destination: lines }));
  return output;
};

test("at a terminal a line has its time, its level, its message and its fields", () => {
  const output = shown((log) => {
    log.info("rekey is up", { port: 9464, pid: 7 });
    log.warn("nothing else");
  });
  expect(output).toMatch(
    /^\d\d:\d\d:\d\d info {2}rekey is up {2}port=9464 pid=7\n\d\d:\d\d:\d\d warn {2}nothing else\n$/,
  );
});

test("an error is told by its codes and where it was thrown, on the same line", () => {
  const cause = Object.assign(new Error("hunter2"), { code: "ECONNRESET" });
  const output = shown((log) =>
    log.error("request failed", { error: new TypeError("hunter2", { cause }) }),
  );
  expect(output).toMatch(
    /request failed {2}error=TypeError<ECONNRESET at .*terminal-line\.test\.ts/,
  );
  expect(output.trim().split("\n")).toHaveLength(1);
  expect(output).not.toContain("hunter2");
});

test("a field that holds what a terminal would obey is written so that it cannot", () => {
  const line = { time: "2026-03-02T04:11:52.000Z", level: "info", message: "m" };
  const escape = "\u001B[2Ja\nb c";
  expect(terminalLine(JSON.stringify({ ...line, reason: escape }))).toBe(
    '04:11:52 info  m  reason="\\u001b[2Ja\\nb c"\n',
  );
});

test("waiting for the lines waits for what is behind them", async () => {
  let left = false;
  const lines = terminalLines({
    write: () => undefined,
    flush: (done) => {
      left = true;
      done();
    },
  });
  await createLog({ destination: lines }).flush();
  expect(left).toBe(true);
});
