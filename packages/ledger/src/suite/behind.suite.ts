import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { leakOf, admitOne } from "./signals.suite.ts";
import { must, withVersion } from "./turns.suite.ts";
import { ordersDb, paymentsDb, person, prepare, type MovableWorld } from "./world.suite.ts";

type Ledger = MovableWorld["ledger"];

const unpause = async (ledger: Ledger): Promise<void> =>
  await ledger.setPause({
    pause: { paused: false, all: false, reason: "compared with the world" },
    actor: person,
  });

const pauseEvents = async (ledger: Ledger) =>
  (await ledger.auditEvents({ limit: 100 })).filter(({ type }) => type === "pause.set");

/** What on-call was sent so far. */
const pages = async (ledger: Ledger): Promise<number> => {
  let found = 0;
  for (let shard = 0; shard < 16; shard += 1) {
    const hold = await ledger.holdOutboxShard({ shard, worker: "test" });
    if (hold === undefined) continue;
    const notices = (await ledger.readOutbox(hold, 100)).filter(
      ({ value }) => value.includes("LEDGER_BEHIND_WORLD") && value.includes('"page"'),
    );
    found += notices.length;
    await ledger.releaseOutboxShard(hold);
  }
  return found;
};

/** A ledger that may be older than the world does nothing until a person has looked. */
export const behindCases: readonly ContractCase<MovableWorld>[] = [
  {
    guarantee: "a ledger that stays where it was is never behind",
    run: async ({ ledger }) => {
      for (let tick = 0; tick < 3; tick += 1) expect(await ledger.compareIdentity()).toEqual({});
      expect((await ledger.switches()).pause.paused).toBe(false);
      expect((await ledger.check()).behind).toBeUndefined();
    },
  },
  ...(["another-system", "another-timeline"] as const).map((place): ContractCase<MovableWorld> => ({
    guarantee: `a ledger found in ${place} pauses everything and pages once, until a person lifts it`,
    run: async ({ ledger, move }) => {
      await ledger.compareIdentity();
      await move(place);
      const all = await Promise.all([1, 2, 3].map(() => ledger.compareIdentity()));
      for (const { behind } of all) expect(behind).toMatch(/PostgreSQL/u);
      expect((await ledger.check()).behind).toBe(all[0]?.behind);
      const { pause } = await ledger.switches();
      expect(pause).toMatchObject({ paused: true, all: true });
      expect(pause.reason).toContain("LEDGER_BEHIND_WORLD");
      expect(await pauseEvents(ledger)).toHaveLength(1);
      expect(await pages(ledger)).toBe(1);
      await unpause(ledger);
      expect(await ledger.compareIdentity()).toEqual({});
      expect((await ledger.switches()).pause.paused).toBe(false);
      expect((await pauseEvents(ledger)).at(-1)).toMatchObject({
        actor: { id: person.id },
        detail: { paused: false, accepted: must(all[0]?.behind) },
      });
    },
  })),
  {
    guarantee: "while the ledger is behind a leak is recorded and nothing is claimed for it",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await world.ledger.compareIdentity();
      await world.move("another-system");
      await world.ledger.compareIdentity();
      const { urgent, outcome } = await admitOne(world, leakOf("payments-db#1"));
      expect([outcome, urgent]).toEqual(["opened", undefined]);
    },
  },
  {
    guarantee: "while the ledger is behind nobody makes the pause a smaller one",
    run: async ({ ledger, move }) => {
      await ledger.compareIdentity();
      await move("another-system");
      await ledger.compareIdentity();
      const pause = { paused: true, all: false, reason: "only planned work" };
      await ledger.setPause({ pause, actor: person });
      expect((await ledger.switches()).pause).toEqual({ ...pause, all: true });
    },
  },
  {
    guarantee: "what one credential showed pauses everything once, and another one's again",
    run: async (world) => {
      const { ledger } = world;
      await prepare(world);
      await ledger.compareIdentity();
      await ledger.reportBehind({ credential: paymentsDb });
      await ledger.reportBehind({ credential: paymentsDb });
      expect((await ledger.compareIdentity()).behind).toContain("payments-db");
      expect((await ledger.switches()).pause).toMatchObject({ paused: true, all: true });
      expect(await pages(ledger)).toBe(1);
      await unpause(ledger);
      await ledger.reportBehind({ credential: paymentsDb });
      expect((await ledger.switches()).pause.paused).toBe(false);
      expect(await ledger.compareIdentity()).toEqual({});
      await ledger.reportBehind({ credential: ordersDb });
      expect((await ledger.switches()).pause).toMatchObject({ paused: true, all: true });
    },
  },
];
