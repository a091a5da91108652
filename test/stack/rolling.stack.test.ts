import { randomUUID } from "node:crypto";
import { apiRoutes } from "@rekey/contracts";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { whileAway } from "./acts.fixture.ts";
import { logIn } from "./connect.ts";
import { expectAuditComplete } from "./kafka-audit.fixture.ts";
import { crowd, paymentsDb, paymentsVault, type StackCredential } from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import { openWorldWithPayments, type Payments } from "./payments.fixture.ts";
import { nativeReport } from "./scanner.fixture.ts";
import { expectNoPaymentFailed, onlyVersion, versionsAt } from "./stories.fixture.ts";
import type { World } from "./world.fixture.ts";

const startMs = 400_000;
const storyMs = 600_000;
const settledMs = 180_000;
const aged: readonly StackCredential[] = crowd(4).map((one) => ({ ...one, policy: "services" }));

describeStack(["kafka", "redis", "vault"], "every process is restarted in turn, under load", () => {
  let world: World;
  let payments: Payments;
  beforeAll(async () => {
    ({ world, payments } = await openWorldWithPayments({
      credentials: [paymentsDb, paymentsVault, ...aged],
    }));
  }, startMs);
  afterAll(async () => {
    await payments?.stop();
    await world?.close();
  });

  test(
    "nothing is lost, no client that asks again notices, no payment fails, and nothing is owed",
    async () => await rollThrough(world, payments),
    storyMs,
  );
});

interface Load {
  /** Event ids that were accepted. */
  readonly ids: readonly string[];
  /** What a client that asks again was told instead. */
  readonly troubles: readonly string[];
  stop(): Promise<void>;
}

const reportEveryMs = 200;

/** Reports by the API and by Kafka of what nobody has, one after the other, until it is stopped. */
const startLoad = ({ api, kafka }: World): Load => {
  const [ids, troubles]: [string[], string[]] = [[], []];
  let stopping = false;
  const byApi = async (): Promise<void> => {
    const found = { by: "secret", secret: randomUUID() } as const;
    const body = { found, reason: "load" };
    const answer = await whileAway(async () => await api.ask(apiRoutes.reports.exposure, { body }));
    ids.push(...answer.accepted.map(({ eventId }) => eventId));
  };
  const byKafka = async (number: number): Promise<void> => {
    const value = nativeReport("nobody-db#1", 10_000 + number);
    await kafka.produce("rekey.in.push", [{ key: `load-${number}`, value }], cloudEvent);
    ids.push((JSON.parse(value) as { readonly id: string }).id);
  };
  const loop = async (work: (number: number) => Promise<void>): Promise<void> => {
    for (let number = 0; !stopping; number += 1) {
      await work(number).catch((error: unknown) => troubles.push(String(error)));
      const next = Date.now() + reportEveryMs;
      await eventually(() => stopping || Date.now() >= next, { withinMs: settledMs });
    }
  };
  const loops = Promise.all([loop(async () => await byApi()), loop(byKafka)]);
  return {
    ids,
    troubles,
    stop: async () => {
      stopping = true;
      await loops;
    },
  };
};

const rollThrough = async (world: World, payments: Payments): Promise<void> => {
  const { acts, installation } = world;
  const since = Date.now();
  const before = await Promise.all(aged.map(async (one) => (await acts.value(one)).version));
  await acts.apply("10 s");
  const load = startLoad(world);
  try {
    for (const service of installation.services) await service.restart();
    // A fast machine is through with that before anything is old enough.
    for (const [index, credential] of aged.entries())
      await acts.valueOf(credential, (before[index] ?? 0) + 1, settledMs);
  } finally {
    await load.stop();
  }
  await whileAway(async () => await acts.apply());
  expect(load.troubles).toEqual([]);
  expect(load.ids.length).toBeGreaterThan(20);
  await eventually(
    async () => {
      const known = new Set((await acts.signals()).map(({ eventId }) => eventId));
      const lost = load.ids.filter((id) => !known.has(id));
      if (lost.length === 0) return true;
      throw new Error(`${lost.length} of ${load.ids.length} reports have no outcome`);
    },
    { withinMs: settledMs, everyMs: 250 },
  );
  await acts.settled(settledMs);
  for (const [index, credential] of aged.entries()) {
    const now = await acts.value(credential);
    expect(now.version).toBeGreaterThan(before[index] ?? 0);
    expect(await versionsAt(world, credential)).toEqual(onlyVersion(credential, now.version));
    expect(await logIn(now.secret)).toBe("alive");
  }
  await expectNoPaymentFailed(world, payments, { since, credential: paymentsDb });
  await expectAuditComplete(world);
};
