import { inviteAll } from "@rekey/engine";
import { createMemoryJobs } from "@rekey/jobs";
import { openMemoryLedger } from "@rekey/ledger";
import { newId, silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createOutages } from "../loops/outages.ts";
import { engineLog } from "./engine-log.ts";
import { tellingDispatcher } from "./telling-dispatcher.ts";

test("a dispatcher that is away for five minutes is told of six times, however often it is asked", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  const log = { ...silentLog, info: note("info"), warn: note("warn"), error: note("error") };
  const jobs = createMemoryJobs({ clock });
  const outages = createOutages({ clock, log });
  const dispatcher = tellingDispatcher(jobs.open(), outages.JOBS_UNREACHABLE);
  const ledger = openMemoryLedger({ now: () => clock.monotonicMs(), newId, build: "test" });
  // As a scheduler and a rotator do, in one process.
  const second = async (): Promise<void> => {
    await inviteAll({ ledger, log: engineLog(log), dispatcher });
    await dispatcher.check().catch(() => undefined);
    await clock.advance(1_000);
  };
  const seconds = async (count: number): Promise<void> => {
    for (let passed = 0; passed < count; passed += 1) await second();
  };
  await seconds(3);
  jobs.setReachable(false);
  await seconds(300);
  jobs.setReachable(true);
  await seconds(60);
  expect(lines).toEqual([
    "warn a part went away",
    ...Array<string>(4).fill("warn a part is still away"),
    "info a part is back",
  ]);
});
