import { topicNames } from "@rekey/contracts";
import { Assertion, Fault, type EventSource, type SubscribeRequest } from "@rekey/domain";
import type { IntakeParts, StatementParts } from "@rekey/engine";
import { silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createOutages } from "../loops/outages.ts";
import { createSupervised } from "../loops/supervised.ts";
import { intakeLoops } from "./intake.ts";
import { statementsLoop } from "./statements.ts";

const minuteMs = 60_000;
const denied = new Fault("TOPIC_REJECTED", { providerCode: "ACL_DENIED" });

/** Topics of which the brokers may refuse the consumers'. */
const topicsRefusing = (refusal: Error) => {
  const state = { refused: true, tries: 0 };
  const read = new Map<string, SubscribeRequest>();
  const health = async () =>
    await Promise.resolve({ sinceLastPollMs: 0, sinceCommitOwedMs: 0, lag: 0 });
  const source: EventSource = {
    subscribe: async (request) => {
      const [topic = ""] = request.topics;
      if (topic === topicNames.moved) {
        state.tries += 1;
        if (state.refused) throw refusal;
      }
      read.set(topic, request);
      const stop = async () => void (await Promise.resolve(read.delete(topic)));
      return await Promise.resolve({ health, stop });
    },
    check: async () => {},
    close: async () => {},
  };
  return { state, read, source };
};

const supervising = () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const exits: number[] = [];
  const lines: { message: string; fields: object | undefined }[] = [];
  const note = (message: string, fields?: object): void => void lines.push({ message, fields });
  const log = { ...silentLog, info: note, warn: note, error: note, fatal: note };
  const supervised = createSupervised({
    outages: createOutages({ clock, log }),
    ledger: { check: async () => await Promise.resolve(undefined as never) },
    clock,
    signal: stop.signal,
    log,
    onExhausted: (code) => {
      exits.push(code);
      stop.abort();
    },
  });
  return { clock, stop, exits, lines, log, supervised };
};

/** An intake's loops for the API's topic and the consumers'. */
const running = (refusal: Error) => {
  const { state, read, source } = topicsRefusing(refusal);
  const { clock, stop, exits, lines, log, supervised } = supervising();
  const taken: unknown[] = [];
  const normalise = (record: unknown): readonly [] => {
    taken.push(record);
    return [];
  };
  const reading = { source, subscriptions: [], clock, log };
  const parts = { clock, normalise } as unknown as IntakeParts;
  const ended = Promise.all([
    ...intakeLoops({ ...reading, parts, topics: [topicNames.api] }, supervised),
    statementsLoop({ ...reading, parts: {} as StatementParts }, supervised),
  ]);
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 500) await clock.advance(500);
  };
  const signal = async (): Promise<void> => {
    const record = { topic: topicNames.api, partition: 0, offset: 0n, key: "" };
    const records = [{ ...record, headers: {}, value: new Uint8Array() }];
    await read.get(topicNames.api)?.onBatch({ ...record, records });
  };
  return { clock, stop, state, exits, taken, lines, read, ended, pass, signal };
};

test("an intake that may not read what consumers say takes in signals, and says once a minute what is missing", async () => {
  const { clock, stop, state, exits, taken, lines, read, ended, pass, signal } = running(denied);
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
  const { stop, exits, taken, lines, ended, pass, signal } = running(bug);
  await pass(5 * minuteMs);
  await signal();
  expect(taken).toHaveLength(1);
  expect(exits).toEqual([]);
  expect(new Set(lines.map(({ message }) => message))).toEqual(new Set(["topic not read"]));
  stop.abort();
  await ended;
});
