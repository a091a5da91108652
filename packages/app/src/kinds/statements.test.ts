import { topicNames } from "@rekey/contracts";
import { Assertion, Fault } from "@rekey/domain";
import { expect, test } from "vitest";
import { runningLoops } from "./reading.fixture.ts";

const minuteMs = 60_000;
const denied = new Fault("TOPIC_REJECTED", { providerCode: "ACL_DENIED" });

test("an intake that may not read what consumers say takes in signals, and says once a minute what is missing", async () => {
  const { clock, stop, state, exits, taken, lines, read, ended, pass, signal } = runningLoops({
    refusal: denied,
    topic: topicNames.moved,
  });
  await pass(10 * minuteMs);
  expect(exits).toEqual([]);
  await signal();
  expect(taken).toHaveLength(1);
  // 1, 2, 4 … seconds apart, then a minute.
  expect(state.tries).toBeGreaterThan(10);
  expect(state.tries).toBeLessThan(18);
  expect(lines[0]).toMatchObject({
    message: "a part went away",
    fields: {
      component: "topic rekey.in.moved",
      code: "TOPIC_REJECTED",
      providerCode: "ACL_DENIED",
    },
  });
  expect(lines.length).toBeLessThanOrEqual(11);
  state.refused = false;
  await pass(minuteMs + 10_000);
  expect(read.has(topicNames.moved)).toBe(true);
  expect(lines.at(-1)).toMatchObject({ message: "a part is back" });
  stop.abort();
  await ended;
  expect(clock.pending()).toBe(0);
});

test("our own bug in what reads consumers' topic stops no signal either, and is told as an error", async () => {
  const bug = new Assertion("impossible");
  const { stop, exits, taken, lines, ended, pass, signal } = runningLoops({
    refusal: bug,
    topic: topicNames.moved,
  });
  await pass(5 * minuteMs);
  await signal();
  expect(taken).toHaveLength(1);
  expect(exits).toEqual([]);
  expect(new Set(lines.map(({ message }) => message))).toEqual(new Set(["topic not read"]));
  stop.abort();
  await ended;
});
