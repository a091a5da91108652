import { Fault } from "@rekey/domain";
import { createBell, silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { relayLoop } from "./relay.ts";

test("an outbox that cannot leave for minutes is one line at once, one a minute, and one when it leaves", async () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const state = { away: false };
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const log = { ...silentLog, warn: note, info: note };
  const ledger = {
    outboxWaiting: async () => await Promise.resolve([1, 2, 3]),
    holdOutboxShard: async () => {
      if (state.away) throw new Fault("TOPICS_UNREACHABLE");
      return await Promise.resolve(undefined);
    },
  };
  const parts = { ledger, clock, log, tells: log, outbox: createBell(), idleMs: 200 };
  const ended = relayLoop(
    parts as unknown as Parameters<typeof relayLoop>[0],
    async (_name, run) => await run(stop.signal),
  );
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 500) await clock.advance(500);
  };
  await pass(5_000);
  state.away = true;
  await pass(150_000);
  expect(lines).toEqual(["a part went away", "a part is still away", "a part is still away"]);
  state.away = false;
  await pass(10_000);
  expect(lines.slice(3)).toEqual(["a part is back"]);
  stop.abort();
  await pass(1_000);
  await ended;
});
