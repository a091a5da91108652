import type { ContractCase } from "@rekey/testkit";
import {
  caseId,
  obligationId,
  type EffectEntry,
  type Obligation,
  type ProofOfDeath,
  type RotationClaim,
} from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import {
  auditOf,
  claimed,
  commitOf,
  finish,
  must,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import { ordersDb, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

const proofAt = (provenAt: number): ProofOfDeath => ({
  grade: "listed",
  strength: "weak",
  probes: [],
  provenAt,
  windowMs: 0,
  derivedEnded: 2,
  derivedLeft: 0,
  reason: "no probe",
});

/** One of each row that a commit writes, with every field that it may have. */
export const everyField = (claim: RotationClaim) => {
  const proof = proofAt(claim.now);
  const rotation = {
    ...claim.rotation,
    successor: 1,
    done: ["stage#1"],
    failures: 2,
    lastFault: "PROVIDER_TIMEOUT",
    plan: [{ key: "mint#1", kind: "mint", version: 1, why: "make it" }],
    open: { key: "mint#1", attempt: 3, intendedAt: claim.now },
    graceEndsAt: claim.now + 5,
    announcedAt: claim.now,
    moved: ["a"],
    unmoved: ["b"],
    cutOff: true,
    approvals: 2,
  } as const;
  const version = versionOf(rotation, {
    label: "pending",
    mintedAt: claim.now,
    exposedAt: claim.now,
    containedAt: claim.now,
    suspendedAt: claim.now,
    provenDeadAt: claim.now,
    proof,
  });
  const effect: EffectEntry = {
    rotation: claim.rotation.id,
    step: "mint#1",
    attempt: 3,
    version: 1,
    state: "intended",
    key: `${claim.rotation.id}/mint/1/3`,
    baseline: ["app_a", "app_b"],
  };
  const owed: Obligation = {
    id: obligationId(newId()),
    case: must(claim.rotation.causes[0]).case,
    credential: paymentsDb,
    version: 1,
    owner: claim.credential.owner,
    openedAt: claim.now,
    dueAt: claim.now,
    attempts: 1,
    lastReason: "late",
  };
  return { rotation, version, effect, owed };
};

/** A turn's commit: all of it, or nothing. */
export const recordCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "what a commit says is what the next claim reads, field by field",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const { rotation, version, effect, owed } = everyField(claim);
      const commit = { versions: [version], effects: [effect], obligations: [owed] };
      must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation }, commit)));
      const next = await claimed(world.ledger, id);
      expect(next.rotation).toEqual(rotation);
      expect(next.versions).toEqual([version]);
      expect(next.effects).toEqual([effect]);
      expect(next.obligations).toEqual([owed]);
      const known = await world.ledger.knownFingerprint(version.fingerprints);
      expect(known).toEqual({ credential: paymentsDb, version: 1 });
    },
  },
  {
    guarantee: "what was known when an effect was intended outlives its end",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const key = `${id}/mint/1/1`;
      const intended: EffectEntry = {
        rotation: id,
        step: "mint#1",
        attempt: 1,
        state: "intended",
        key,
        baseline: ["app_a"],
      };
      must(
        await world.ledger.recordRotation(
          claim.hold,
          commitOf(claim, { effects: [intended], release: false }),
        ),
      );
      const confirmed: EffectEntry = {
        rotation: id,
        step: "mint#1",
        attempt: 1,
        state: "confirmed",
        key,
      };
      must(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { effects: [confirmed] })),
      );
      const read = must(await world.ledger.rotation(id));
      expect(read.effects).toEqual([{ ...confirmed, baseline: ["app_a"] }]);
    },
  },
  {
    guarantee: "a life that the domain does not allow stops the commit, whole",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const risen = { ...must(claim.versions[0]), life: "revoked" } as const;
      const commit = commitOf(claim, { versions: [risen], audit: [auditOf()], ended: true });
      await expect(world.ledger.recordRotation(claim.hold, commit)).rejects.toThrow(
        "never goes from valid to revoked",
      );
      const second = versionOf(claim.rotation, { number: 2 });
      const both = commitOf(claim, { versions: [second] });
      await expect(world.ledger.recordRotation(claim.hold, both)).rejects.toThrow("are current");
      const view = must(await world.ledger.credential(paymentsDb));
      expect(view.versions).toEqual(claim.versions);
      expect(view.credential.ended).toBe(false);
      expect(await world.ledger.renew(claim.hold)).toBe(true);
    },
  },
  {
    guarantee: "the current label moves between two versions in one commit",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      await finish(world, id, ({ versions, rotation }) => [
        versionOf(rotation, { number: 2 }),
        { ...must(versions[0]), label: "previous" },
      ]);
      const view = must(await world.ledger.credential(paymentsDb));
      expect(view.versions.map(({ label }) => label)).toEqual(["previous", "current"]);
      expect(view.active).toBeUndefined();
    },
  },
  {
    guarantee: "the end of a rotation wakes the cases it served and gives the credential back",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      await finish(world, id, () => []);
      const [open] = await world.ledger.cases({ limit: 10, open: true });
      const claim = must(await world.ledger.claimCase({ id: must(open).id, worker: "w" }));
      expect(claim.inputs).toMatchObject([{ input: { type: "woken" } }]);
      expect(claim.rotations).toMatchObject([{ id, state: { at: "completed" } }]);
      expect(must(await world.ledger.credential(paymentsDb)).active).toBeUndefined();
    },
  },
  {
    guarantee: "a commit that wakes a case that is not there is still a commit",
    run: async (world) => {
      await prepare(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const wakeCases = [caseId(newId())];
      expect(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { wakeCases })),
      ).toBeDefined();
    },
  },
  {
    guarantee: "one credential's turn does not wait for another's",
    run: async (world) => {
      await prepare(world);
      const ids = [
        await openRotation(world, "payments-db"),
        await openRotation(world, "orders-db"),
      ];
      const claims = await Promise.all(ids.map((id) => claimed(world.ledger, id)));
      expect(claims.map(({ hold }) => hold.row)).toEqual([paymentsDb, ordersDb]);
    },
  },
];
