import { storeGate, storeId, type EffectEntry, type Rotation } from "@rekey/domain";
import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { admitOne, leakOf } from "./signals.suite.ts";
import { claimed, commitOf, must, openRotation, withVersion } from "./turns.suite.ts";
import { paymentsDb, person, prepare, type LedgerWorld } from "./world.suite.ts";

/** A planned rotation that waits for its consumers; nobody works at it. */
const parked = async (
  world: LedgerWorld,
  open?: NonNullable<Rotation["open"]>,
): Promise<{ readonly id: Rotation["id"]; readonly fence: number }> => {
  const id = await openRotation(world, "payments-db");
  const { hold, rotation, now } = await claimed(world.ledger, id);
  const until = now + 3_600_000;
  const state = { at: "waiting", for: "consumers", until, reason: "not moved yet" } as const;
  const waiting = { ...rotation, state, dueAt: until, ...(open === undefined ? {} : { open }) };
  const effects = open === undefined ? [] : [intentOf(id, open)];
  must(await world.ledger.recordRotation(hold, commitOf({ rotation: waiting }, { effects })));
  return { id, fence: hold.fence };
};

const intentOf = (
  rotation: Rotation["id"],
  { key: step, attempt }: NonNullable<Rotation["open"]>,
): EffectEntry => {
  return { rotation, step, attempt, state: "intended", key: `${rotation}/${step}/${attempt}` };
};

/** A leak about a rotation that nobody works at. */
export const parkedCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "the answer to a leak that takes a parked rotation begins with what that has done",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await withVersion(world, "pg-main-control");
      const { id } = await parked(world, { key: "drain#1", attempt: 2, intendedAt: 0 });
      await world.ledger.appendInput({
        target: { kind: "rotation", id },
        input: { type: "woken", reason: "its consumers moved" },
        actor: person,
      });
      await world.ledger.reportGate({ issuer: storeGate(storeId("files")), ok: false, jitter: 0 });
      const admitted = await admitOne(world, leakOf("payments-db#1"));
      const claim = must(admitted.claim);
      const read = must(await world.ledger.heldRotation(must(admitted.urgent)));
      expect(claim).toEqual({ ...read, now: claim.now });
      expect(claim.inputs).toHaveLength(1);
      expect(claim.effects.map(({ step }) => step)).toEqual(["contain#1", "drain#1"]);
    },
  },
  {
    guarantee: "a leak that meets a parked rotation takes it, with its containment intended",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { id, fence } = await parked(world);
      const admitted = await admitOne(world, leakOf("payments-db#1"));
      const hold = must(admitted.urgent);
      expect(hold).toEqual({ kind: "rotation", id, row: paymentsDb, fence: fence + 1 });
      const other = { id, worker: "other" };
      expect(await world.ledger.claimRotation(other)).toBeUndefined();
      const claim = must(await world.ledger.heldRotation(hold));
      expect(claim.inputs).toEqual([]);
      expect(claim.rotation).toMatchObject({
        state: { at: "running" },
        open: { key: "contain#1", attempt: 1 },
        dying: [1],
      });
      expect(claim.rotation.plan[0]?.key).toBe("contain#1");
      expect(claim.rotation.causes.map(({ kind }) => kind)).toEqual(["manual", "exposure"]);
      expect(claim.versions[0]?.exposedAt).toBeDefined();
      expect(claim.effects).toMatchObject([{ step: "contain#1", state: "intended", attempt: 1 }]);
      expect(claim.obligations).toContainEqual(
        expect.objectContaining({ case: admitted.case, version: 1 }),
      );
      const view = must(await world.ledger.case(must(admitted.case)));
      expect(view.items[0]?.rotation).toBe(id);
      const told = await world.ledger.auditEvents({ limit: 50, case: must(admitted.case) });
      expect(told.map(({ type }) => type)).toEqual(
        expect.arrayContaining(["rotation.escalated", "rotation.planned"]),
      );
      await world.elapse(16_000);
      expect((await claimed(world.ledger, id, "other")).rotation.claimsLost).toBe(1);
    },
  },
  {
    guarantee: "a parked rotation that others have told something is left to its next worker",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { id } = await parked(world);
      await world.ledger.appendInput({
        target: { kind: "rotation", id },
        input: { type: "undo", by: "sso:ada" },
        actor: person,
      });
      expect((await admitOne(world, leakOf("payments-db#1"))).urgent).toBeUndefined();
      const next = await claimed(world.ledger, id);
      expect(next.inputs.map(({ input }) => input.type)).toEqual(["undo", "escalate"]);
    },
  },
  {
    guarantee: "a parked rotation whose last move may have happened is left to its next worker",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { id } = await parked(world, { key: "promote#2", attempt: 1, intendedAt: 0 });
      expect((await admitOne(world, leakOf("payments-db#1"))).urgent).toBeUndefined();
      const next = await claimed(world.ledger, id);
      expect(next.inputs.map(({ input }) => input.type)).toEqual(["escalate"]);
      expect(next.rotation.open?.key).toBe("promote#2");
    },
  },
];
