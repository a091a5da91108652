import { topicNames } from "@rekey/contracts";
import type { EventSource, SubscribeRequest } from "@rekey/domain";
import type { IntakeParts, StatementParts } from "@rekey/engine";
import { silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { createOutages } from "../loops/outages.ts";
import { createSupervised } from "../loops/supervised.ts";
import { intakeLoops } from "./intake.ts";
import { statementsLoop } from "./statements.ts";

interface Refusing {
  readonly refusal: Error;
  readonly topic: string;
}

/** Topics of which the brokers refuse one. */
const topicsRefusing = ({ refusal, topic: refused }: Refusing) => {
  const state = { refused: true, tries: 0 };
  const read = new Map<string, SubscribeRequest>();
  const health = async () =>
    await Promise.resolve({ sinceLastPollMs: 0, sinceCommitOwedMs: 0, lag: 0 });
  const source: EventSource = {
    subscribe: async (request) => {
      const [topic = ""] = request.topics;
      if (topic === refused) {
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

/** An intake's loops for the API's topic, a producer's and the consumers', of which one is refused. */
export const runningLoops = (refusing: Refusing) => {
  const { state, read, source } = topicsRefusing(refusing);
  const { clock, stop, exits, lines, log, supervised } = supervising();
  const taken: unknown[] = [];
  const normalise = (record: unknown): readonly [] => {
    taken.push(record);
    return [];
  };
  const reading = { source, subscriptions: [], clock, log };
  const parts = { clock, normalise } as unknown as IntakeParts;
  const ended = Promise.all([
    ...intakeLoops({ ...reading, parts, topics: [topicNames.api, "rekey.in.scanner"] }, supervised),
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
