import { inviteAll } from "@rekey/engine";
import { createMemoryJobs } from "@rekey/jobs";
import { openMemoryLedger } from "@rekey/ledger";
import { newId, silentLog, type LogFields } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createOutages } from "../loops/outages.ts";
import { engineLog } from "./engine-log.ts";
import { askingLoop, tellingDispatcher } from "./telling-dispatcher.ts";

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

test("a process that asked once while the dispatcher was away says within seconds that it is back, and for how long it was away", async () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const note = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log = { ...silentLog, info: note, warn: note };
  const jobs = createMemoryJobs({ clock });
  const outage = createOutages({ clock, log }).JOBS_UNREACHABLE;
  const dispatcher = tellingDispatcher(jobs.open(), outage);
  const ended = askingLoop(
    { dispatcher, outage, clock },
    async (_name, run) => await run(stop.signal),
  );
  jobs.setReachable(false);
  const hint = { kind: "rotation", id: newId(), generation: 1 } as const;
  await expect(dispatcher.invite("urgent", hint)).rejects.toMatchObject({
    code: "JOBS_UNREACHABLE",
  });
  for (let second = 0; second < 30; second += 1) await clock.advance(1_000);
  expect(lines.map(([message]) => message)).toEqual(["a part went away"]);
  jobs.setReachable(true);
  for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
  expect(lines.map(([message]) => message)).toEqual(["a part went away", "a part is back"]);
  const durationMs = Number(lines.at(-1)?.[1]?.durationMs);
  expect(durationMs).toBeGreaterThanOrEqual(30_000);
  expect(durationMs).toBeLessThanOrEqual(33_000);
  stop.abort();
  await clock.advance(2_000);
  await ended;
});
