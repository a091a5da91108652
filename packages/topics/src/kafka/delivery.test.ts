import { createVirtualClock } from "@rekey/testkit";
import { beforeEach, expect, test } from "vitest";
import { createDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { kafkaPaceDefault } from "./pace.ts";

const place = { topic: "topic", partition: 0 };
const reading = { commit: async () => undefined, pause: () => undefined, resume: () => undefined };
const handled: number[] = [];
let delivery: Delivery;
let clock: ReturnType<typeof createVirtualClock>;

beforeEach(() => {
  handled.length = 0;
  clock = createVirtualClock();
  delivery = createDelivery({
    clock,
    pace: kafkaPaceDefault,
    request: {
      topics: [place.topic],
      group: "group",
      batchMax: 10,
      onBatch: async ({ records }) => void handled.push(records.length),
      onError: () => undefined,
    },
  });
  delivery.assign([place], false);
});

/** Whether kafkajs was told that it need not fetch it again. */
const offer = async (): Promise<boolean> => {
  let isTaken = false;
  const record = { ...place, offset: 7n, key: "key", headers: {}, value: new Uint8Array() };
  const records = [{ ...record, appendedAt: 0 as never }];
  const taking = delivery.take(
    { ...place, records, through: 8n, taken: () => (isTaken = true) },
    reading,
  );
  const atOnce = isTaken;
  await clock.advance(1_000);
  await taking;
  expect(isTaken).toBe(atOnce);
  return isTaken;
};

test("what comes while partitions are about to move is not taken, and comes again", async () => {
  await delivery.settle(100);
  expect(delivery.isSettling()).toBe(true);
  expect(await offer()).toBe(false);
  delivery.assign([place], true);
  expect(delivery.isSettling()).toBe(false);
  expect(await offer()).toBe(true);
  await delivery.idle();
  expect(handled).toEqual([1]);
});
