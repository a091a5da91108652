import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ambientEnvironment, createProgress, launch, startTimeOf } from "@rekey/stack";
import { expect, onTestFinished, test } from "vitest";
import { readState, writeState, type ServiceRecord } from "../processes/state.ts";
import { readCommand } from "./options.ts";
import { run } from "./run.ts";

const openFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-services-cli-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
};

/** The command's exit code, and all that it said. */
const services = async (words: readonly string[]): Promise<{ code: number; said: string }> => {
  let said = "";
  const say = (text: string): void => void (said += text);
  const progress = createProgress({
    write: say,
    live: false,
    columns: () => 80,
    now: () => performance.now(),
    every: () => () => undefined,
  });
  const environment = ambientEnvironment();
  const { signal } = new AbortController();
  const code = await run(readCommand(words), { environment, progress, out: say, signal });
  return { code, said };
};

const record = (more: Partial<ServiceRecord>): ServiceRecord => ({
  kind: "relay",
  replica: 1,
  port: 1,
  pid: process.pid,
  startTime: "another one's",
  ...more,
});

const plant = async (folder: string, one: ServiceRecord): Promise<void> =>
  await writeState(folder, { configFile: "", configDigest: "", services: [one] });

test("without the systems `up` names what is missing and the command that starts it", async () => {
  const folder = await openFolder();
  const { code, said } = await services(["up", "--folder", folder, "--stack-folder", folder]);
  expect(code).toBe(1);
  expect(said).toContain("kafka was not started");
  expect(said).toContain("npx -y pnpm@10 stack up");
});

test("a recorded pid that is another process' now is neither ready nor stopped", async () => {
  const folder = await openFolder();
  await plant(folder, record({}));
  const status = await services(["status", "--folder", folder]);
  expect(status.code).toBe(1);
  expect(status.said).toMatch(/relay +1 .* no: has ended/);
  expect(await services(["down", "--folder", folder])).toMatchObject({ code: 0 });
  expect((await readState(folder)).services).toEqual([]);
});

test("`down` ends the recorded process itself", async () => {
  const folder = await openFolder();
  const sleeper = join(folder, "sleeper.mjs");
  await writeFile(sleeper, "setInterval(() => {}, 1000);\n");
  const { pid, ended } = await launch(
    { command: process.execPath, args: [sleeper], variables: {} },
    { folder, logFile: join(folder, "sleeper.log"), outlives: true },
  );
  await plant(folder, record({ pid, startTime: (await startTimeOf(pid)) ?? "" }));
  const { code, said } = await services(["down", "--folder", folder]);
  expect(said).toContain("relay-1 stopped");
  expect(code).toBe(0);
  expect(await ended).toBe("signal SIGTERM");
});
