import type { CaseId, Instant } from "@rekey/domain";
import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { admitOne, asked } from "./signals.suite.ts";
import { caseCommitOf, claimed, commitOf, must, openRotation } from "./turns.suite.ts";
import { person, prepare, type LedgerWorld } from "./world.suite.ts";

const hour = 3_600_000;

const waiting = <For extends "approval" | "person" | "rotations">(reason: For, now: Instant) => ({
  state: { at: "waiting" as const, for: reason, until: now + hour, reason: "a test" },
  dueAt: now + hour,
});

const parkedCase = async (
  world: LedgerWorld,
  credential: string,
  reason: "approval" | "person" | "rotations",
): Promise<CaseId> => {
  const id = must((await admitOne(world, asked(credential))).case);
  const claim = must(await world.ledger.claimCase({ id, worker: "w" }));
  const parked = { ...claim.case, ...waiting(reason, claim.now) };
  must(await world.ledger.recordCase(claim.hold, caseCommitOf({ case: parked })));
  return id;
};

const due = async ({ ledger }: LedgerWorld): Promise<readonly string[]> => {
  const { items } = await ledger.due({ lane: "planned", limit: 10, withinMs: 0 });
  return items.map(({ id }) => id);
};

const setMode = async ({ ledger }: LedgerWorld): Promise<void> => {
  const setting = { scope: "everything", name: "", mode: "act" } as const;
  await ledger.setMode({ setting, actor: person, reason: "ready" });
};

const woken = [{ input: { type: "woken", reason: "mode act for everything" } }];

/** What a person's word about a scope sets going. */
export const modeCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "a mode that is set makes a case due that waits for a person's word, and no other",
    run: async (world) => {
      await prepare(world);
      const held = await parkedCase(world, "payments-db", "approval");
      await parkedCase(world, "orders-db", "rotations");
      expect(await due(world)).toEqual([]);
      await setMode(world);
      expect(await due(world)).toEqual([held]);
      const claim = must(await world.ledger.claimCase({ id: held, worker: "w" }));
      expect(claim.inputs).toMatchObject(woken);
    },
  },
  {
    guarantee: "a case that had read the modes before, and then waits, looks again at once",
    run: async (world) => {
      await prepare(world);
      const id = must((await admitOne(world, asked("payments-db"))).case);
      const claim = must(await world.ledger.claimCase({ id, worker: "w" }));
      await setMode(world);
      const parked = { ...claim.case, ...waiting("approval", claim.now) };
      must(await world.ledger.recordCase(claim.hold, caseCommitOf({ case: parked })));
      expect(await due(world)).toEqual([id]);
    },
  },
  {
    guarantee: "a mode that is set makes a rotation due that waits for an approval",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const rotation = { ...claim.rotation, ...waiting("approval", claim.now) };
      must(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { rotation, release: true })),
      );
      expect(await due(world)).not.toContain(id);
      await setMode(world);
      expect(await due(world)).toContain(id);
      expect((await claimed(world.ledger, id)).inputs).toMatchObject(woken);
    },
  },
  {
    guarantee: "a rotation that had read the modes before, and then waits, looks again at once",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      await setMode(world);
      const rotation = { ...claim.rotation, ...waiting("approval", claim.now) };
      must(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { rotation, release: true })),
      );
      expect(await due(world)).toContain(id);
      expect((await claimed(world.ledger, id)).inputs).toMatchObject(woken);
    },
  },
  {
    guarantee:
      "a rotation in the middle of its turn hears of a mode, whatever it recorded on its way",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const later = { ...claim.rotation, dueAt: claim.now + hour };
      must(
        await world.ledger.recordRotation(
          claim.hold,
          commitOf(claim, { rotation: later, release: false }),
        ),
      );
      await setMode(world);
      const rotation = { ...later, ...waiting("approval", claim.now) };
      must(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { rotation, release: true })),
      );
      expect(await due(world)).toContain(id);
    },
  },
  {
    guarantee:
      "a case that waited for rotations, had read the modes, and then waits for a person looks again at once",
    run: async (world) => {
      await prepare(world);
      const id = await parkedCase(world, "payments-db", "rotations");
      await world.elapse(hour + 1);
      const claim = must(await world.ledger.claimCase({ id, worker: "w" }));
      await setMode(world);
      const parked = { ...claim.case, ...waiting("person", claim.now) };
      must(await world.ledger.recordCase(claim.hold, caseCommitOf({ case: parked })));
      expect(await due(world)).toEqual([id]);
      expect(must(await world.ledger.claimCase({ id, worker: "w" })).inputs).toMatchObject(woken);
    },
  },
];
