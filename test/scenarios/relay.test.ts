import { Fault, type Notice } from "@rekey/domain";
import { relayAll, relayShard, type RelayParts } from "@rekey/engine";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld } from "./small-world.fixture.ts";

test("a notifier that is down holds back no announcement, and notices arrive when it is back", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  world.provider.addForeign("main", "by-hand");
  await deeds.wish();
  for (const hint of await world.due()) await world.work(hint);
  for (const hint of await world.due()) await world.work(hint);
  const sent: string[] = [];
  const parts = {
    ...world.parts,
    sink: {
      append: async (records: readonly { topic: string }[]) =>
        void (await Promise.resolve(sent.push(...records.map(({ topic }) => topic)))),
      check: async () => {},
      close: async () => {},
    },
    notifier: { notify: async () => await Promise.reject(new Error("away")) },
    parseNotice: () => ({}) as never,
  };
  for (let shard = 0; shard < 16; shard += 1) await relayShard(parts, shard);
  expect(sent.length).toBeGreaterThan(0);
  const left = (await world.ledger.backlog()).outboxUnsent;
  expect(left).toBeGreaterThan(0);
  await world.relay();
  expect((await world.ledger.backlog()).outboxUnsent).toBe(0);
  expect(world.notices.length).toBe(left);
});

test("hundreds of notices that cannot leave hide no event, and a log that is away no notice", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  await world.relay();
  await deeds.wish();
  const [first] = await world.due();
  await world.work(first!);
  const { id } = (await deeds.active())!;
  const claim = (await world.ledger.claimRotation({ id, worker: "other" }))!;
  const notices = Array.from({ length: 250 }, (_, index): Notice => ({
    to: "owner",
    about: "main",
    text: "look",
    dedupeKey: `${index}`,
    urgency: "today",
  }));
  const empty = { versions: [], inputsConsumed: [], effects: [], obligations: [], watches: [] };
  const nothing = { ...empty, audit: [], notices: [], wakeCases: [], release: false };
  const { rotation, hold } = claim;
  await world.ledger.recordRotation(hold, { ...nothing, rotation, notices });
  await world.ledger.recordRotation(hold, { ...nothing, rotation, announce: { version: 1 } });
  const sent: string[] = [];
  const parts = (logAway: boolean, notifierAway: boolean): RelayParts => ({
    ...world.parts,
    sink: {
      append: async (records) => {
        if (logAway) throw new Fault("TOPICS_UNREACHABLE");
        await Promise.resolve(sent.push(...records.map(({ topic }) => topic)));
      },
      check: async () => {},
      close: async () => {},
    },
    notifier: {
      notify: async () => {
        if (notifierAway) throw new Error("away");
        await Promise.resolve(sent.push("notice"));
      },
    },
    parseNotice: () => ({}) as never,
  });
  for (let round = 0; round < 3; round += 1) await relayAll(parts(true, false), () => undefined);
  expect(sent).toHaveLength(250);
  await world.ledger.recordRotation(hold, { ...nothing, rotation, notices });
  await world.ledger.recordRotation(hold, { ...nothing, rotation, announce: { version: 1 } });
  for (let round = 0; round < 3; round += 1) await relayAll(parts(false, true), () => undefined);
  expect(sent.filter((topic) => topic === "rekey.announcements.v1")).toHaveLength(2);
  expect((await world.ledger.backlog()).outboxUnsent).toBe(250);
});
