import { systemClock } from "@rekey/runtime";
import type { PartitionAssigner } from "kafkajs";
import { beforeEach, expect, test } from "vitest";
import { createJoining } from "./joining.ts";
import type { Joining } from "./joining.ts";

const group = { groupId: "group" };
const failures: unknown[] = [];
let settled = 0;
let hasEnded = false;
let joining: Joining;
let broker: ReturnType<typeof brokerOf>;
let cluster: Cluster;

type Cluster = Parameters<PartitionAssigner>[0]["cluster"];

/** As kafkajs asks a broker, with answers that a test decides on. */
const brokerOf = () => ({
  answer: async (): Promise<unknown> => ({}),
  joinGroup: async (): Promise<unknown> => await broker.answer(),
  syncGroup: async (): Promise<unknown> => await broker.answer(),
  fetch: async (): Promise<unknown> => await broker.answer(),
});

beforeEach(() => {
  failures.length = 0;
  settled = 0;
  hasEnded = false;
  broker = brokerOf();
  const find = async () => broker;
  cluster = { findGroupCoordinator: find, findBroker: find } as unknown as Cluster;
  joining = createJoining({
    clock: systemClock,
    pace: { sessionMs: 10 },
    delivery: { settle: async () => void (settled += 1) },
    member: { name: undefined },
    isEnded: () => hasEnded,
    fail: (error) => void failures.push(error),
  });
  joining.assigner({ cluster } as Parameters<PartitionAssigner>[0]);
});

const refusal = (type: string) => Object.assign(new Error(type), { type });

/** What kafkajs does, as far as it gets. */
const join = async (): Promise<void> => {
  await cluster.findGroupCoordinator(group as never);
  await broker.joinGroup();
  await broker.syncGroup();
  joining.joined();
};

test("a join that is refused while its group is loaded ends the consumer, which would fetch and deliver nothing", async () => {
  await join();
  const loading = refusal("GROUP_LOAD_IN_PROGRESS");
  broker.answer = async () => await Promise.reject(loading);
  await expect(join()).rejects.toBe(loading);
  expect(failures).toEqual([loading]);
  expect(settled).toBe(2);
});

test.each(["REBALANCE_IN_PROGRESS", "NOT_COORDINATOR_FOR_GROUP", "UNKNOWN_MEMBER_ID"])(
  "after %s kafkajs joins again by itself, so often and no more",
  async (type) => {
    broker.answer = async () => await Promise.reject(refusal(type));
    for (let tried = 0; tried < 4; tried += 1) await expect(join()).rejects.toThrow(type);
    expect(failures).toEqual([]);
    await expect(join()).rejects.toThrow(type);
    expect(failures).toHaveLength(1);
  },
);

test("a consumer that was given up does not join again, and halts nothing of the next one", async () => {
  await join();
  hasEnded = true;
  await expect(join()).rejects.toMatchObject({ providerCode: "CLOSED" });
  expect(settled).toBe(1);
});

test("what was asked for before the group was joined again is not delivered in its new generation", async () => {
  await join();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const records = { responses: ["records"] };
  await cluster.findBroker({ nodeId: "1" });
  broker.answer = async () => await promise;
  const asked = broker.fetch();
  broker.answer = async () => records;
  await join();
  resolve(records);
  expect(await asked).toEqual({ responses: [] });
  expect(await broker.fetch()).toEqual(records);
});
