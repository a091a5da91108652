import type { ContractCase } from "@rekey/testkit";
import { canonicalJson } from "@rekey/contracts";
import { toRfc3339, type Version } from "@rekey/domain";
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { everyField } from "./records.suite.ts";
import { drainOutbox } from "./telling.suite.ts";
import {
  auditOf,
  claimed,
  commitOf,
  must,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import { ordersDb, paymentsDb, person, prepare, type LedgerWorld } from "./world.suite.ts";

const held = async (world: LedgerWorld) => {
  await prepare(world);
  await withVersion(world, "payments-db");
  return await claimed(world.ledger, await openRotation(world, "payments-db"));
};

/** Commits in the middle of a turn, and the one that ends a rotation. */
export const stepCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "what a step says is what its holder reads back, field by field",
    run: async (world) => {
      await prepare(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const { rotation, version, effect, owed } = everyField(claim);
      const { baseline, ...confirmed } = { ...effect, state: "confirmed" as const };
      const written = { versions: [version], obligations: [owed], release: false };
      for (const effects of [[effect], [confirmed]])
        must(
          await world.ledger.recordRotation(
            claim.hold,
            commitOf({ rotation }, { ...written, effects }),
          ),
        );
      const read = must(await world.ledger.heldRotation(claim.hold));
      expect(read.rotation).toEqual(rotation);
      expect(read.versions).toEqual([version]);
      expect(read.effects).toEqual([{ ...confirmed, baseline }]);
      expect(read.obligations).toEqual([owed]);
      expect(await world.ledger.openDebt(claim.hold)).toEqual([owed]);
      const known = await world.ledger.knownFingerprint(version.fingerprints);
      expect(known).toEqual({ credential: paymentsDb, version: 1 });
    },
  },
  {
    guarantee: "an attempt of which one step says two things is as it was said last",
    run: async (world) => {
      const claim = await held(world);
      const { effect } = everyField(claim);
      const { baseline, ...failed } = { ...effect, state: "failed" as const, fault: "X" };
      const commit = commitOf(claim, { effects: [effect, failed], release: false });
      must(await world.ledger.recordRotation(claim.hold, commit));
      const read = must(await world.ledger.rotation(claim.rotation.id));
      expect(read.effects).toEqual([{ ...failed, baseline }]);
    },
  },
  {
    guarantee: "an event of a step is told as it is kept, with the digest of exactly those bytes",
    run: async (world) => {
      const claim = await held(world);
      await drainOutbox(world);
      const reason = 'quotes " and \\ slashes, é, 𝄞\u2028, {"at":"no time"}';
      const first = auditOf({
        credential: paymentsDb,
        rotation: claim.rotation.id,
        case: must(claim.rotation.causes[0]).case,
        version: 7,
        reason,
        detail: { b: 1, a: [true, null, -0.5, "10"], "10": {}, "9": "at" },
      });
      const second = auditOf({ credential: ordersDb, policyDigest: "ab" });
      const commit = commitOf(claim, { audit: [first, second], release: false });
      const { now } = must(await world.ledger.recordRotation(claim.hold, commit));
      const events = await world.ledger.auditEvents({ limit: 100 });
      const sent = await drainOutbox(world);
      expect(sent).toHaveLength(2);
      for (const given of [first, second]) {
        const { digest, position, ...kept } = must(events.find(({ id }) => id === given.id));
        expect(position).toBeGreaterThan(0);
        expect(kept).toEqual({ ...given, at: now, build: "test" });
        const canonical = canonicalJson({ ...kept, at: toRfc3339(now) });
        expect(digest).toBe(createHash("sha256").update(canonical).digest("hex"));
        const record = must(sent.find(({ key }) => key === given.credential));
        expect(record.value).toContain(`"data":${canonical.slice(0, -1)},"digest":"${digest}"}`);
        const told = JSON.parse(record.value);
        expect(told).toMatchObject({
          id: given.id,
          time: toRfc3339(now),
          partitionkey: record.key,
        });
      }
    },
  },
  {
    guarantee:
      "a step with a life that the domain does not allow, or two current versions, is no step",
    run: async (world) => {
      const claim = await held(world);
      const refusedWith = async (version: Version, reason: string): Promise<void> => {
        const audit = [auditOf({ credential: ordersDb })];
        const commit = commitOf(claim, { versions: [version], audit, release: false });
        await expect(world.ledger.recordRotation(claim.hold, commit)).rejects.toThrow(reason);
      };
      const current = must(claim.versions[0]);
      await refusedWith({ ...current, life: "revoked" }, "never goes from valid to revoked");
      await refusedWith(
        { ...current, life: "revoked", label: "previous" },
        "never goes from valid",
      );
      await refusedWith(versionOf(claim.rotation, { number: 2 }), "are current");
      const view = must(await world.ledger.credential(paymentsDb));
      expect(view.versions).toEqual(claim.versions);
      expect(await world.ledger.auditEvents({ limit: 10, credential: ordersDb })).toEqual([]);
    },
  },
  {
    guarantee: "a step moves the current label, and takes it away",
    run: async (world) => {
      const claim = await held(world);
      const older = { ...must(claim.versions[0]), label: "previous" } as const;
      const newer = versionOf(claim.rotation, { number: 2, promotedAt: claim.now });
      const labels = async (...versions: readonly Version[]) => {
        const commit = commitOf(claim, { versions, release: false });
        must(await world.ledger.recordRotation(claim.hold, commit));
        const read = must(await world.ledger.heldRotation(claim.hold));
        return read.versions.map(({ label }) => label);
      };
      expect(await labels(older, newer)).toEqual(["previous", "current"]);
      expect(await labels({ ...newer, label: "previous" })).toEqual(["previous", "previous"]);
    },
  },
  {
    guarantee: "a step under a fence that moved on writes nothing",
    run: async (world) => {
      const claim = await held(world);
      const cause = { ...must(claim.rotation.causes[0]), kind: "exposure" } as const;
      const escalation = { cause, versions: [1], wanted: "successor" } as const;
      await world.ledger.appendInput({
        target: { kind: "rotation", id: claim.rotation.id },
        input: { type: "escalate", escalation },
        actor: person,
      });
      const audit = [auditOf({ credential: ordersDb })];
      const rotation = { ...claim.rotation, failures: 7 };
      for (const state of [rotation.state, { at: "completed" } as const]) {
        const commit = commitOf({ rotation: { ...rotation, state } }, { audit, release: false });
        expect(await world.ledger.recordRotation(claim.hold, commit)).toBeUndefined();
      }
      const again = await claimed(world.ledger, claim.rotation.id);
      expect(again.rotation.failures).toBe(0);
      expect(again.inputs).toMatchObject([{ input: { type: "escalate" } }]);
      expect(await world.ledger.auditEvents({ limit: 10, credential: ordersDb })).toEqual([]);
    },
  },
  {
    guarantee:
      "a step leaves what others said for its holder, and its rotation due should that one die",
    run: async (world) => {
      const claim = await held(world);
      await world.ledger.appendInput({
        target: { kind: "rotation", id: claim.rotation.id },
        input: { type: "approve", by: "grace" },
        actor: person,
      });
      const late = { ...claim.rotation, dueAt: claim.now + 3_600_000 };
      const commit = commitOf({ rotation: late }, { release: false });
      must(await world.ledger.recordRotation(claim.hold, commit));
      const fresh = must(await world.ledger.freshInputs(claim.hold));
      expect(fresh.inputs).toMatchObject([{ input: { type: "approve" } }]);
      await world.elapse(15_001);
      const next = await claimed(world.ledger, claim.rotation.id, "another");
      expect(next.inputs).toMatchObject([{ input: { type: "approve" } }]);
      expect(next.rotation.claimsLost).toBe(1);
    },
  },
];
