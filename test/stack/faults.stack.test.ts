import { describeStack } from "@rekey/stack/vitest";
import { eventually, leastMs } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logIn } from "./connect.ts";
import { expectAuditComplete } from "./kafka-audit.fixture.ts";
import { crowd, type StackCredential } from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import { askRedis } from "./redis.fixture.ts";
import { nativeReport } from "./scanner.fixture.ts";
import {
  expectContained,
  expectDead,
  onlyVersion,
  versionsAt,
  watchUntilRefused,
} from "./stories.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

const startMs = 400_000;
const storyMs = 600_000;
const settledMs = 180_000;
const many = crowd(20);

describeStack(["kafka", "redis", "vault"], "faults of Redis and Kafka while rotations run", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ credentials: many });
  }, startMs);
  afterAll(async () => {
    await world?.close();
  });

  test(
    "Redis is emptied in the middle of twenty rotations, and each ends once",
    async () => await emptiedRedis(world),
    storyMs,
  );

  test(
    "Redis is away for a minute when a leak arrives: contained within seconds, recovered when it is back",
    async () => await withoutRedis(world),
    storyMs,
  );

  test(
    "Kafka is killed while a producer reports: nothing is lost, and no cause makes two cases",
    async () => await killedKafka(world),
    storyMs,
  );

  test("what the ledger holds is on Kafka, in order, each ending once", async () => {
    await expectAuditComplete(world);
  });
});

const versionsOf = async ({ acts }: World, credentials: readonly StackCredential[]) =>
  await Promise.all(credentials.map(async (one) => (await acts.value(one)).version));

const emptiedRedis = async (world: World): Promise<void> => {
  const { acts } = world;
  const old = await Promise.all(many.map(async (one) => await acts.value(one)));
  const last = await emptyInTheMiddle(world);
  await acts.settled(settledMs);
  expect(await versionsOf(world, many)).toEqual(many.map(() => last));
  for (const [index, credential] of many.entries()) {
    expect(await versionsAt(world, credential)).toEqual(onlyVersion(credential, last));
    expect(world.target.timesCreated(`rekey_${credential.id}_${last}`)).toBe(1);
    expect(await logIn(old[index]?.secret ?? "")).toBe("refused");
    expect(await logIn((await acts.value(credential)).secret)).toBe("alive");
  }
};

/** On a fast machine all of them may be through when Redis is emptied: then it is tried with the next versions. */
const emptiedTimesMax = 8;

/** Some have moved and some have not while Redis is emptied; answers the version that all are on their way to. */
const emptyInTheMiddle = async (world: World): Promise<number> => {
  const { acts, started } = world;
  for (let next = 2; next < 2 + emptiedTimesMax; next += 1) {
    await Promise.all(many.map(async (one) => await acts.wish(one)));
    await eventually(async () => (await versionsOf(world, many)).includes(next), {
      withinMs: settledMs,
      everyMs: 20,
    });
    expect(await askRedis(started.redis.port, "FLUSHALL")).toBe("+OK");
    if ((await versionsOf(world, many)).includes(next - 1)) return next;
    await acts.settled(settledMs);
  }
  throw new Error("Redis was never emptied in the middle");
};

const awayMs = 60_000;
/** Who takes in the leak contains it at once; what would wait for Redis, or for a look now and then, is later in each try. */
const containedMs = 3_000;

/** Of some leaks, one after another: the longest until contained. */
const slowestOf = async (world: World): Promise<number> => {
  let slowest = 0;
  for (const credential of many.slice(2, 6))
    slowest = Math.max(slowest, await containedAfterMs(world, credential));
  return slowest;
};

/** From the report's acceptance, as the command's own start is not Redis' affair, to what the ledger recorded. */
const containedAfterMs = async (
  { acts, installation }: World,
  credential: StackCredential,
): Promise<number> => {
  const old = await acts.value(credential);
  const since = Date.now();
  await installation.rekey(report, old.secret);
  const accepted = Date.now();
  const about = `${credential.id}#${old.version}`;
  const detail = await acts.closed({ kind: "incident", about, since }, settledMs);
  const version = detail.versions.find(
    (one) => one.credential === credential.id && one.number === old.version,
  );
  return (version?.containedAt ?? Number.POSITIVE_INFINITY) - accepted;
};

const report = ["report", "exposure", "--confidence", "valid", "--reason", "pasted"];

const withoutRedis = async (world: World): Promise<void> => {
  const { acts, started, installation } = world;
  const [leaked, asked] = many;
  if (leaked === undefined || asked === undefined) throw new Error("nobody is there");
  const old = await acts.value(leaked);
  const before = await acts.value(asked);
  await started.redis.stop();
  const away = Date.now();
  const since = away;
  const witness = watchUntilRefused(world, old);
  await installation.rekey(report, old.secret);
  // Redis is away for as long as this takes.
  const seen = await witness;
  await acts.wish(asked);
  const about = `${leaked.id}#${old.version}`;
  const detail = await acts.closed({ kind: "incident", about, since }, settledMs);
  expectContained({ credential: leaked, old, detail }, seen);
  await expectDead(world, old, await acts.value(leaked));
  expect(await leastMs(containedMs, async () => await slowestOf(world))).toBeLessThan(containedMs);
  await eventually(() => Date.now() - away >= awayMs, { withinMs: 2 * awayMs, everyMs: 100 });
  await started.redis.restart();
  await eventually(
    async () => {
      const ready = await Promise.all(installation.services.map(async (one) => await one.ready()));
      return !ready.includes(false);
    },
    { withinMs: settledMs, everyMs: 100 },
  );
  await acts.valueOf(asked, before.version + 1, settledMs);
  await acts.settled(settledMs);
};

const reporters = 5;
const reportsEach = 8;

/** Reports of five leaks, each many times, by a client that sends again what was not confirmed. */
const killedKafka = async (world: World): Promise<void> => {
  const { acts, kafka, started } = world;
  const leaked = many.slice(-reporters);
  const held = await Promise.all(leaked.map(async (one) => await acts.value(one)));
  const abouts = leaked.map(({ id }, index) => `${id}#${held[index]?.version ?? 0}`);
  const events = Array.from({ length: reportsEach * reporters }, (_, index) => ({
    key: leaked[index % reporters]?.id ?? "",
    value: nativeReport(abouts[index % reporters] ?? "", 1_000 + index),
  }));
  const middle = Math.floor(events.length / 3);
  const dying = Promise.withResolvers<void>();
  for (const [index, event] of events.entries()) {
    if (index === middle) void breakKafka(world).then(dying.resolve, dying.reject);
    await kafka.produce("rekey.in.push", [event], cloudEvent);
  }
  await dying.promise;
  expect(started.kafka.pid).toBeGreaterThan(0);
  const ids = events.map(({ value }) => (JSON.parse(value) as { id: string }).id);
  await eventually(
    async () => {
      const known = new Set((await acts.signals()).map(({ eventId }) => eventId));
      const lost = ids.filter((id) => !known.has(id));
      if (lost.length === 0) return true;
      throw new Error(`${lost.length} of ${ids.length} reports have no outcome`);
    },
    { withinMs: settledMs, everyMs: 250 },
  );
  await acts.settled(settledMs);
  const cases = await acts.cases();
  for (const [index, about] of abouts.entries()) {
    expect(cases.filter((one) => one.kind === "incident" && one.about === about).length).toBe(1);
    expect(await logIn(held[index]?.secret ?? "")).toBe("refused");
  }
};

const breakKafka = async ({ started }: World): Promise<void> => {
  await started.kafka.kill();
  await started.kafka.restart();
};
