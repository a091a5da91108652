import { once } from "node:events";
import { silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import { leastMs, msOf } from "@rekey/testkit";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { spawnProgram } from "../suite/outside-member.suite.ts";
import {
  firstTimes,
  freshName,
  gate,
  ignoreErrors,
  numbered,
  passes,
  range,
  soon,
  startReader,
  takeover,
  waitingHandler,
} from "../suite/world.suite.ts";
import { openKafkaTopics } from "./open.ts";
import type { KafkaTopics } from "./open.ts";
import type { KafkaPace } from "./pace.ts";
import { kafkaWorld, shortPace } from "./world.suite.ts";
import type { KafkaWorld } from "./world.suite.ts";

let world: KafkaWorld;
const opened: KafkaTopics[] = [];

describeStack(["kafka"], "the log on Kafka", () => {
  beforeAll(async () => {
    world = await kafkaWorld();
  });
  afterAll(() => world.end());
  afterEach(async () => {
    world.proxy.set({ kind: "none" });
    await Promise.all(opened.splice(0).map((log) => log.close()));
  });
  idleness();
  silences();
  outages();
  sequences();
  rebalances();
  floods();
});

const near = (): readonly string[] => world.kafka.brokers;
const far = (): readonly string[] => [`127.0.0.1:${world.proxy.port}`];
const open = (
  brokers: readonly string[],
  topic: string,
  pace: Partial<KafkaPace> = shortPace,
): KafkaTopics => {
  const log = openKafkaTopics({
    brokers,
    clientId: "rekey-test",
    log: silentLog,
    clock: systemClock,
    topics: [topic],
    pace,
  });
  opened.push(log);
  return log;
};

interface IdleSeen {
  readonly timersPerSecond: number;
  readonly cpuPercent: number;
  readonly warnings: number;
}

/** Each second; kafkajs as it is sets hundreds, fewer where the machine leaves it no time. */
const timersMax = 60;

function idleness(): void {
  const idle = async (plain: boolean): Promise<IdleSeen & { readonly endingMs: number }> => {
    const topic = await world.newTopic(1);
    // The first record of a broker that has just started.
    const patient = { ...shortPace, appendMs: 30_000 };
    await open(near(), topic, patient).sink.append([numbered(topic, 0)]);
    const program = new URL("idle.fixture.ts", import.meta.url);
    const child = spawnProgram(program, { brokers: near(), topic, plain });
    const exited = once(child, "exit");
    // Its exit may be told before what it wrote; this never is.
    const over = once(child, "close");
    const [text] = (await Promise.race([
      once(child.stdout ?? child, "data"),
      over.then(([code]) => {
        throw new Error(`the idle reader ended with ${String(code)} before it told`);
      }),
    ])) as [Buffer];
    const endingMs = await msOf(() => exited);
    expect(child.exitCode).toBe(0);
    return { ...(JSON.parse(text.toString("utf8")) as IdleSeen), endingMs };
  };

  test("an idle reader sets few timers, warns of nothing, and its process ends by itself", async () => {
    const endingMs = async (): Promise<number> => {
      const seen = await idle(false);
      expect(seen.timersPerSecond).toBeLessThan(timersMax);
      expect(seen.warnings).toBe(0);
      return seen.endingMs;
    };
    expect(await leastMs(2_000, endingMs)).toBeLessThan(2_000);
    // As kafkajs is, the same count tells.
    expect((await idle(true)).timersPerSecond).toBeGreaterThan(timersMax);
  });
}

function silences(): void {
  test("a consumer that polls nothing for too long is built again, whatever its requests wait for", async () => {
    const topic = await world.newTopic(1);
    const pace = { ...shortPace, requestMs: 120_000, staleMs: 1_500 };
    const { seen, errors } = await startReader(open(far(), topic, pace), topic);
    const sink = open(near(), topic).sink;
    await sink.append([numbered(topic, 0)]);
    await vi.waitFor(() => expect(seen).toContain(0), soon);
    world.proxy.set({ kind: "black-hole" });
    const stale = expect.objectContaining({ code: "TOPICS_UNREACHABLE", providerCode: "STALE" });
    await vi.waitFor(() => expect(errors).toContainEqual(stale), takeover);
    world.proxy.set({ kind: "none" });
    await sink.append([numbered(topic, 1)]);
    await vi.waitFor(() => expect(seen).toContain(1), takeover);
  });

  test("while brokers are slow health answers at once, and the lag is known in the end", async () => {
    const topic = await world.newTopic(1);
    const pace = { ...shortPace, sessionMs: 10_000 };
    world.proxy.set({ kind: "latency", ms: 150 });
    const hold = gate();
    const log = open(far(), topic, pace);
    const subscription = await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 50,
      onBatch: async () => await hold.opened,
      onError: ignoreErrors,
    });
    try {
      await open(near(), topic).sink.append(range(0, 7).map((index) => numbered(topic, index)));
      await vi.waitFor(async () => {
        const askedAtMs = performance.now();
        const { lag } = await subscription.health();
        expect(performance.now() - askedAtMs).toBeLessThan(900);
        expect(lag).toBe(7);
      }, soon);
    } finally {
      hold.open();
    }
  });

  test("with the pace of a deployment a half-open network is left behind within a minute", async () => {
    const topic = await world.newTopic(1);
    const { seen, subscription } = await startReader(open(far(), topic, {}), topic);
    const sink = open(near(), topic).sink;
    await sink.append([numbered(topic, 0)]);
    await vi.waitFor(() => expect(seen).toContain(0), soon);
    world.proxy.set({ kind: "black-hole" });
    await vi.waitFor(
      async () => expect((await subscription.health()).sinceLastPollMs).toBeGreaterThan(12_000),
      { timeout: 40_000, interval: 500 },
    );
    world.proxy.set({ kind: "none" });
    await sink.append([numbered(topic, 1)]);
    await vi.waitFor(() => expect(seen).toContain(1), { timeout: 60_000, interval: 50 });
  });
}

function outages(): void {
  test("after the broker was killed nobody waits for the session of the consumer that crashed", async () => {
    const topic = await world.newTopic(1);
    const pace = { ...shortPace, sessionMs: 240_000, rebalanceMs: 240_000 };
    const log = open(near(), topic, pace);
    const { seen, errors } = await startReader(log, topic);
    await log.sink.append([numbered(topic, 0)]);
    await vi.waitFor(() => expect(seen).toContain(0), soon);
    await world.goDown();
    // Longer than the client itself is patient: the consumer is built again meanwhile.
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(2), takeover);
    await world.comeBack();
    const lessThanItsSession = { timeout: 120_000, interval: 20 };
    await vi.waitFor(() => log.sink.append([numbered(topic, 1)]), lessThanItsSession);
    await vi.waitFor(() => expect(seen).toContain(1), lessThanItsSession);
  });
}

function sequences(): void {
  test("kafkajs itself drops what follows a lost answer, so a producer that failed is given up", async () => {
    const topic = await world.newTopic(1);
    const client = {
      brokers: [...far()],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 1 },
    };
    const producer = new kafkajs.Kafka(client).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 1, initialRetryTime: 50 },
    });
    const send = async (value: string) => await producer.send({ topic, messages: [{ value }] });
    await producer.connect();
    await send("0");
    world.proxy.set({ kind: "cut", afterBytes: 0, to: "client" });
    await expect(send("1")).rejects.toThrow();
    world.proxy.reset();
    world.proxy.set({ kind: "none" });
    await send("2");
    await producer.disconnect();
    const [end] = await world.admin.fetchTopicOffsets(topic);
    // Three were sent, the third was acknowledged and is not there: the suite shows that ours is.
    expect(end?.high).toBe("2");
  });
}

function rebalances(): void {
  test("a member that must share ends and commits what runs before it hands over", async () => {
    const topic = await world.newTopic(2);
    const group = freshName("group");
    const pace = { ...shortPace, sessionMs: 10_000, rebalanceMs: 10_000 };
    const { onBatch, started, seen: first, letGo } = waitingHandler();
    await open(near(), topic, pace).source.subscribe({
      topics: [topic],
      group,
      batchMax: 50,
      onBatch,
      onError: ignoreErrors,
    });
    const records = range(0, 40).map((index) => numbered(topic, index, 40));
    await open(near(), topic).sink.append(records);
    await vi.waitFor(() => expect(started()).toBe(2), soon);
    const joining = startReader(open(near(), topic, pace), topic, { group });
    await passes(1_500);
    letGo();
    const second = await joining;
    const last = range(40, 80).map((index) => numbered(topic, index, 40));
    await open(near(), topic).sink.append(last);
    await vi.waitFor(() => expect(second.seen.length).toBeGreaterThan(0), takeover);
    await vi.waitFor(() => expect(first.length + second.seen.length).toBe(80), takeover);
    expect(new Set([...first, ...second.seen]).size).toBe(80);
  });
}

function floods(): void {
  test("a backlog larger than what is held at once is read to its end, in order", async () => {
    const topic = await world.newTopic(1);
    const log = open(near(), topic);
    const sends = range(0, 10).map((place) =>
      log.sink.append(
        range(place * 500, place * 500 + 500).map((index) => ({
          ...numbered(topic, index),
          value: Buffer.alloc(800, 1),
        })),
      ),
    );
    await Promise.all(sends);
    const { seen, subscription } = await startReader(log, topic);
    await vi.waitFor(() => expect(new Set(seen).size).toBe(5_000), takeover);
    expect(firstTimes(seen)).toEqual(range(0, 5_000));
    await vi.waitFor(async () => expect((await subscription.health()).lag).toBe(0), soon);
  });
}
