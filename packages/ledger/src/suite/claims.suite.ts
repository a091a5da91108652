import type { ContractCase } from "@rekey/testkit";
import { rotationId, type DueWork, type Rotation, type RotationClaim } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import { admitOne, leakOf } from "./signals.suite.ts";
import {
  caseCommitOf,
  claimed,
  commitOf,
  finish,
  must,
  openRotation,
  withVersion,
} from "./turns.suite.ts";
import { person, prepare, type LedgerWorld } from "./world.suite.ts";

const waitingFor = (claim: RotationClaim, milliseconds: number): Rotation => {
  const until = claim.now + milliseconds;
  const state = { at: "waiting", for: "time", until, reason: "a test" } as const;
  return { ...claim.rotation, state, dueAt: until };
};

const due = async (world: LedgerWorld, lane: "urgent" | "planned" | "sweep", withinMs = 0) =>
  (await world.ledger.due({ lane, limit: 10, withinMs })).items;

const idsOf = (items: readonly DueWork[]): readonly string[] => items.map(({ id }) => id);

/** One worker at a time, and nothing that is owed is forgotten. */
export const claimCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "of many who claim the same rotation one gets it",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const tries = Array.from({ length: 8 }, (_, worker) =>
        world.ledger.claimRotation({ id, worker: `w${worker}` }),
      );
      const claims = (await Promise.all(tries)).filter((claim) => claim !== undefined);
      expect(claims).toHaveLength(1);
      expect(claims[0]?.hold).toMatchObject({ kind: "rotation", id, row: "payments-db", fence: 1 });
      expect(claims[0]?.rotation.claimsLost).toBe(0);
    },
  },
  {
    guarantee: "of many who claim the same case one gets it",
    run: async (world) => {
      await prepare(world);
      const { case: id } = await admitOne(world, leakOf("payments-db"));
      const tries = Array.from({ length: 8 }, (_, worker) =>
        world.ledger.claimCase({ id: must(id), worker: `w${worker}` }),
      );
      expect((await Promise.all(tries)).filter((claim) => claim !== undefined)).toHaveLength(1);
    },
  },
  {
    guarantee: "what waits is not claimed before its time, and an input makes it due",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      must(
        await world.ledger.recordRotation(
          claim.hold,
          commitOf({ rotation: waitingFor(claim, 60_000) }),
        ),
      );
      expect(await world.ledger.claimRotation({ id, worker: "w" })).toBeUndefined();
      expect(await due(world, "planned")).toEqual([]);
      expect(idsOf(await due(world, "planned", 61_000))).toEqual([id]);
      const input = { type: "resume", by: "ada", cutOff: true } as const;
      await world.ledger.appendInput({ target: { kind: "rotation", id }, input, actor: person });
      expect(idsOf(await due(world, "planned"))).toEqual([id]);
      const next = await claimed(world.ledger, id);
      expect(next.inputs.map((pending) => pending.input)).toEqual([input]);
      expect(next.rotation.claimsLost).toBe(0);
    },
  },
  {
    guarantee: "what was halted is due again at its own time",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const halt = { code: "VERIFY_REFUSED", reason: "refused", nextSafeAction: "look" } as const;
      const rotation = { ...waitingFor(claim, 60_000), state: { at: "halted", halt } as const };
      must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation })));
      expect(await due(world, "planned")).toEqual([]);
      await world.elapse(60_001);
      expect(idsOf(await due(world, "planned"))).toEqual([id]);
      expect((await claimed(world.ledger, id)).rotation.state).toEqual({ at: "halted", halt });
    },
  },
  {
    guarantee: "what has ended is never due and never claimed again",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      await finish(world, id, () => []);
      await world.elapse(100_000);
      expect(await due(world, "planned", 100_000)).not.toContainEqual(
        expect.objectContaining({ id }),
      );
      expect(await world.ledger.claimRotation({ id, worker: "w" })).toBeUndefined();
    },
  },
  {
    guarantee: "a worker that vanished is taken over after its hold, and counted",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const dead = await claimed(world.ledger, id);
      // Twice half of its 15 s, as the machine's own time passes too, and once more.
      await world.elapse(8_000);
      expect(await world.ledger.claimRotation({ id, worker: "next" })).toBeUndefined();
      expect(await world.ledger.renew(dead.hold)).toBe(true);
      await world.elapse(8_000);
      expect(await world.ledger.claimRotation({ id, worker: "next" })).toBeUndefined();
      await world.elapse(8_000);
      const next = await claimed(world.ledger, id, "next");
      expect(next.rotation.claimsLost).toBe(1);
      expect(next.rotation.lastClaimLostAt).toBeDefined();
      expect(await world.ledger.renew(dead.hold)).toBe(false);
      expect(await world.ledger.freshInputs(dead.hold)).toBeUndefined();
      expect(await world.ledger.openDebt(dead.hold)).toBeUndefined();
    },
  },
  {
    guarantee: "a hold that was given back is nobody's: not renewed, not written under",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      must(await world.ledger.recordRotation(claim.hold, commitOf(claim)));
      expect(await world.ledger.renew(claim.hold)).toBe(false);
      expect(await world.ledger.recordRotation(claim.hold, commitOf(claim))).toBeUndefined();
      expect((await claimed(world.ledger, id)).hold.fence).toBe(claim.hold.fence + 1);
    },
  },
  {
    guarantee: "holds of others end at once where this process is known to be the only one",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const dead = await claimed(world.ledger, id, "dead");
      expect(await world.ledger.endForeignHolds({ worker: "dead" })).toBe(0);
      expect(await world.ledger.endForeignHolds({ worker: "alive" })).toBe(1);
      expect(await world.ledger.recordRotation(dead.hold, commitOf(dead))).toBeUndefined();
      expect((await claimed(world.ledger, id, "alive")).rotation.claimsLost).toBe(1);
    },
  },
  {
    guarantee:
      "a turn that goes on is due at once when its worker died, whatever it had waited for",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const dead = await claimed(world.ledger, id, "dead");
      const dueAt = dead.now + 60_000;
      const goingOn = commitOf(dead, { rotation: { ...dead.rotation, dueAt }, release: false });
      must(await world.ledger.recordRotation(dead.hold, goingOn));
      await world.ledger.endForeignHolds({ worker: "alive" });
      expect((await claimed(world.ledger, id, "alive")).rotation.claimsLost).toBe(1);
    },
  },
  {
    guarantee: "lanes are apart, earliest first, and what is held is nobody's work",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await withVersion(world, "orders-db");
      const planned = await openRotation(world, "orders-db");
      const { urgent } = await admitOne(world, leakOf("payments-db#1"));
      const hold = must(urgent);
      const work = await due(world, "planned");
      expect(idsOf(work.filter(({ kind }) => kind === "rotation"))).toEqual([planned]);
      const times = work.map(({ dueAt }) => dueAt);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
      expect(idsOf(await due(world, "urgent")).includes(hold.id)).toBe(false);
      await world.elapse(16_000);
      const items = await due(world, "urgent");
      expect(items).toContainEqual(
        expect.objectContaining({ kind: "rotation", id: hold.id, generation: hold.fence }),
      );
    },
  },
  {
    guarantee: "inputs that arrive during a turn are seen by it, or make it due again at once",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const input = { type: "approve", by: "grace" } as const;
      await world.ledger.appendInput({ target: { kind: "rotation", id }, input, actor: person });
      const fresh = must(await world.ledger.freshInputs(claim.hold));
      expect(fresh.inputs.map((pending) => pending.input)).toEqual([input]);
      const rotation = waitingFor(claim, 60_000);
      must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation })));
      const next = await claimed(world.ledger, id);
      expect(next.inputs).toEqual(fresh.inputs);
      const inputsConsumed = fresh.inputs.map(({ seq }) => seq);
      must(
        await world.ledger.recordRotation(next.hold, commitOf({ rotation }, { inputsConsumed })),
      );
      expect(await world.ledger.claimRotation({ id, worker: "w" })).toBeUndefined();
    },
  },
  {
    guarantee: "an input for what has ended, or is not there, is refused",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      await finish(world, id, () => []);
      const input = { type: "woken", reason: "a test" } as const;
      const append = async (target: { kind: "case" | "rotation"; id: string }) =>
        await world.ledger.appendInput({ target, input, actor: person });
      expect(await append({ kind: "rotation", id })).toMatchObject({ refused: "WRONG_STATE" });
      expect(await append({ kind: "rotation", id: newId() })).toMatchObject({
        refused: "NOT_FOUND",
      });
      expect(await append({ kind: "case", id: "nonsense" })).toMatchObject({
        refused: "NOT_FOUND",
      });
      const { case: open } = await admitOne(world, leakOf("orders-db"));
      const claim = must(await world.ledger.claimCase({ id: must(open), worker: "w" }));
      const state = { at: "closed", outcome: "dismissed", reason: "a test" } as const;
      const commit = caseCommitOf({ case: { ...claim.case, state, closedAt: claim.now } });
      must(await world.ledger.recordCase(claim.hold, commit));
      expect(await append({ kind: "case", id: must(open) })).toMatchObject({
        refused: "WRONG_STATE",
      });
      expect(
        await world.ledger.claimRotation({ id: rotationId("nonsense"), worker: "w" }),
      ).toBeUndefined();
    },
  },
];
