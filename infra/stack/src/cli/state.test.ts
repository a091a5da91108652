import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTimeOf } from "../process/identity.ts";
import { isRunning, openState, withFolder, type PartRecord } from "./state.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-state-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const recordOf = (startTime: string): PartRecord => ({
  part: "redis",
  how: "native",
  version: "7.0.15",
  port: 19_379,
  sasl: false,
  process: { pid: process.pid, startTime },
});

test("a process that was given a recorded pid is not taken for the recorded one", async () => {
  const startTime = (await startTimeOf(process.pid)) ?? "";
  expect(await isRunning(recordOf(startTime))).toBe(true);
  expect(await isRunning(recordOf(`${startTime}1`))).toBe(false);
});

test("what was recorded is there for the next command", async () => {
  const state = await openState(folder);
  const record = recordOf("1");
  await Promise.all([state.put(record), state.put({ ...record, part: "kafka" })]);
  const next = await openState(folder);
  expect(next.find("redis")).toEqual(record);
  expect(next.list()).toHaveLength(2);
  await next.remove("redis");
  expect((await openState(folder)).find("redis")).toBeUndefined();
});

test("a file that is no state is not taken for an empty one", async () => {
  await writeFile(join(folder, "state.json"), "{");
  await expect(openState(folder)).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
});

test("a second command is refused while one works, and the next one is not", async () => {
  await withFolder(folder, async () => {
    const second = withFolder(folder, async () => "in");
    await expect(second).rejects.toThrow(`process ${process.pid} is starting or stopping`);
  });
  expect(await withFolder(folder, async () => "in")).toBe("in");
});

test("the lock of a killed command is taken over", async () => {
  await writeFile(join(folder, "lock"), `${process.pid}\t1\n`);
  expect(await withFolder(folder, async () => "in")).toBe("in");
});
