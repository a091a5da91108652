import type { ContractCase } from "@rekey/testkit";
import { tickMsMax, type RotationId } from "@rekey/domain";
import { expect } from "vitest";
import { claimed, commitOf, must, openRotation } from "./turns.suite.ts";
import { prepare, type LedgerWorld } from "./world.suite.ts";

const beat = async ({ ledger }: LedgerWorld, id: string, monotonicMs: number): Promise<unknown> =>
  await ledger.beat({ id, kinds: [], build: "test", monotonicMs });

const counted = async ({ ledger }: LedgerWorld, id: RotationId): Promise<number> => {
  const claim = await claimed(ledger, id);
  must(await ledger.recordRotation(claim.hold, commitOf(claim)));
  return claim.ticks;
};

const prepared = async (world: LedgerWorld): Promise<RotationId> => {
  await prepare(world);
  return await openRotation(world, "payments-db");
};

/** Time that no clock of the database can make pass. */
export const tickCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "time is counted from one process's own clock, a bounded piece at a time",
    run: async (world) => {
      const id = await prepared(world);
      expect(await counted(world, id)).toBe(0);
      await beat(world, "one", 700_000);
      expect(await counted(world, id)).toBe(0);
      await beat(world, "one", 701_000.4);
      expect(await counted(world, id)).toBe(1_000);
      await beat(world, "one", 900_000);
      expect(await counted(world, id)).toBe(1_000 + tickMsMax);
      await beat(world, "one", 1_000);
      await beat(world, "one", 1_200);
      expect(await counted(world, id)).toBe(1_200 + tickMsMax);
    },
  },
  {
    guarantee: "beats of many processes beside each other do not make time pass faster",
    run: async (world) => {
      const id = await prepared(world);
      const all = Array.from({ length: 8 }, (_, worker) => `w${worker}`);
      for (const monotonicMs of [0, 1_000, 2_000, 3_000])
        await Promise.all(all.map((worker) => beat(world, worker, monotonicMs)));
      expect(await counted(world, id)).toBe(3_000);
    },
  },
  {
    guarantee: "who takes over from a process that is silent counts nothing twice",
    run: async (world) => {
      const id = await prepared(world);
      for (const reading of [0, 2_500]) await beat(world, "one", reading);
      await beat(world, "two", 7_000);
      await world.elapse(10_001);
      await beat(world, "two", 9_000);
      await beat(world, "one", 4_000);
      expect(await counted(world, id)).toBe(2_500);
      await beat(world, "two", 9_300);
      expect(await counted(world, id)).toBe(2_800);
    },
  },
  {
    guarantee: "a step of the database's clock counts nothing, and keeps nobody from counting on",
    run: async (world) => {
      const id = await prepared(world);
      for (const reading of [0, 1_000]) await beat(world, "one", reading);
      await world.elapse(-600_000);
      for (const reading of [0, 400]) await beat(world, "two", reading);
      await world.elapse(600_000);
      expect(await counted(world, id)).toBe(1_400);
    },
  },
  {
    guarantee: "when a long wait began is kept with its rotation",
    run: async (world) => {
      const id = await prepared(world);
      const claim = await claimed(world.ledger, id);
      const waitsBegun = { "drain#2": { since: claim.now, ticks: 1_500 } };
      const rotation = { ...claim.rotation, waitsBegun };
      must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation })));
      expect((await claimed(world.ledger, id)).rotation.waitsBegun).toEqual(waitsBegun);
    },
  },
];
