import { Assertion, Fault } from "@rekey/domain";
import { expect, test } from "vitest";
import { runningLoops } from "./reading.fixture.ts";

const minuteMs = 60_000;
const topic = "rekey.in.scanner";
const denied = new Fault("TOPIC_REJECTED", { providerCode: "ACL_DENIED" });

test("an intake that may not read one producer's topic takes in the others' signals, and reads it soon after it may", async () => {
  const { stop, state, exits, taken, lines, read, ended, pass, signal } = runningLoops({
    refusal: denied,
    topic,
  });
  await pass(10 * minuteMs);
  expect(exits).toEqual([]);
  await signal();
  expect(taken).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    message: "a part went away",
    fields: { component: `topic ${topic}`, code: "TOPIC_REJECTED", providerCode: "ACL_DENIED" },
  });
  expect(lines.length).toBeLessThanOrEqual(11);
  state.refused = false;
  await pass(11_000);
  expect(read.has(topic)).toBe(true);
  stop.abort();
  await ended;
});

test("our own bug in reading signals is no weather: it ends the process", async () => {
  const { exits, ended, pass } = runningLoops({ refusal: new Assertion("impossible"), topic });
  await pass(minuteMs);
  expect(exits).toEqual([70]);
  await ended;
});
