import { Fault, type EventSource, type SubscribeRequest } from "@rekey/domain";
import { silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { consuming } from "./consuming.ts";

test("a topic that is away for minutes is one line at once, one a minute, and one when it is read again", async () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const state = { away: false, polledMs: 0 };
  let request: SubscribeRequest | undefined;
  const source: Pick<EventSource, "subscribe"> = {
    subscribe: async (asked) => {
      request = asked;
      const health = async () => ({
        sinceLastPollMs: clock.monotonicMs() - state.polledMs,
        sinceCommitOwedMs: 0,
        lag: 0,
      });
      return await Promise.resolve({ health, stop: async () => await Promise.resolve() });
    },
  };
  const note = (message: string): void => void lines.push(message);
  const log = { ...silentLog, warn: note, info: note };
  const reading = consuming(
    {
      source: source as EventSource,
      topic: "rekey.in.api",
      group: "g",
      batchMax: 1,
      onBatch: async () => await Promise.resolve(),
      subscriptions: [],
      clock,
      log,
    },
    stop.signal,
  );
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 500) {
      await clock.advance(500);
      if (state.away) request?.onError(new Fault("TOPICS_UNREACHABLE"));
      else state.polledMs = clock.monotonicMs();
    }
  };
  await pass(20_000);
  expect(lines).toEqual([]);
  state.away = true;
  await pass(150_000);
  expect(lines).toEqual(["a part went away", "a part is still away", "a part is still away"]);
  state.away = false;
  await pass(30_000);
  expect(lines.slice(3)).toEqual(["a part is back"]);
  request?.onError(new Error("a bug"));
  expect(lines.slice(4)).toEqual(["topic not read"]);
  stop.abort();
  await reading;
});
