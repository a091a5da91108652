import type { ContractCase } from "@rekey/testkit";
import { createHash } from "node:crypto";
import {
  caseId,
  obligationId,
  watchId,
  toRfc3339,
  type EffectEntry,
  type Obligation,
  type ProofOfDeath,
  type Watch,
} from "@rekey/domain";
import { canonicalJson } from "@rekey/contracts";
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
import { ordersDb, paymentsApi, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

/** A turn's commit: all of it, or nothing. */
export const recordCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "what a commit says is what the next claim reads, field by field",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const proof: ProofOfDeath = {
        grade: "listed",
        strength: "weak",
        probes: [],
        provenAt: claim.now,
        windowMs: 0,
        derivedEnded: 2,
        derivedLeft: 0,
        reason: "no probe",
      };
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
        rotation: id,
        step: "mint#1",
        attempt: 3,
        version: 1,
        state: "intended",
        key: `${id}/mint/1/3`,
        baseline: ["app_a", "app_b"],
      };
      const owed: Obligation = {
        id: obligationId(newId()),
        case: must(rotation.causes[0]).case,
        credential: paymentsDb,
        version: 1,
        owner: claim.credential.owner,
        openedAt: claim.now,
        dueAt: claim.now,
        attempts: 1,
        lastReason: "late",
      };
      const commit = { versions: [version], effects: [effect], obligations: [owed] };
      must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation }, commit)));
      const next = await claimed(world.ledger, id);
      expect(next.rotation).toEqual(rotation);
      expect(next.versions).toEqual([version]);
      expect(next.effects).toEqual([effect]);
      expect(next.obligations).toEqual([owed]);
      expect(await world.ledger.knownFingerprint(version.fingerprints)).toEqual({
        credential: paymentsDb,
        version: 1,
      });
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
    guarantee: "an audit row is kept as published: its digest is of the record's canonical bytes",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const first = auditOf({
        credential: paymentsDb,
        rotation: id,
        detail: { b: 1, a: [true, null] },
      });
      const second = auditOf({ credential: paymentsDb, version: 7, planDigest: "aa" });
      const { now } = must(
        await world.ledger.recordRotation(claim.hold, commitOf(claim, { audit: [first, second] })),
      );
      const events = await world.ledger.auditEvents({ limit: 100, credential: paymentsDb });
      const [one, two] = events.filter(({ id: own }) => own === first.id || own === second.id);
      expect(must(one)).toEqual({ ...first, at: now, build: "test", digest: must(one).digest });
      const { digest, at, ...rest } = must(two);
      const canonical = canonicalJson({ ...rest, at: toRfc3339(at) });
      expect(digest).toBe(createHash("sha256").update(canonical).digest("hex"));
      const page = await world.ledger.auditEvents({
        limit: 1,
        credential: paymentsDb,
        after: must(one).id,
      });
      expect(page).toEqual([two]);
    },
  },
  {
    guarantee: "announcements count up per credential, and their receipt reaches the rotation",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const announce = { version: 1 };
      must(
        await world.ledger.recordRotation(
          claim.hold,
          commitOf(claim, { announce, release: false }),
        ),
      );
      must(await world.ledger.recordRotation(claim.hold, commitOf(claim, { announce })));
      expect(await world.ledger.announcementsFor(paymentsApi)).toEqual([]);
      const sent = await drainOutbox(world);
      const values = sent.filter(({ topic }) => topic === "rekey.announcements.v1");
      expect(values.map(({ key }) => key)).toEqual([paymentsDb, paymentsDb]);
      expect(values.map(({ value }) => JSON.parse(value).data)).toEqual([
        { credential: paymentsDb, version: 1, sequence: 1, rotation: id },
        { credential: paymentsDb, version: 1, sequence: 2, rotation: id },
      ]);
      const next = await claimed(world.ledger, id);
      expect(next.inputs.map(({ input }) => input.type)).toEqual(["announced", "announced"]);
      const [told] = await world.ledger.announcementsFor(paymentsApi);
      expect(told).toMatchObject({ credential: paymentsDb, version: 1, sequence: 2, rotation: id });
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
    guarantee:
      "a watch is worked under its credential's hold, and a version that lives again reopens its case",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db", { life: "valid" });
      const watched = await watchDead(world);
      await world.elapse(3_600_001);
      const { items } = await world.ledger.due({ lane: "sweep", limit: 10, withinMs: 0 });
      expect(items).toMatchObject([{ kind: "watch", id: watched.id }]);
      const claim = must(await world.ledger.claimWatch({ id: watched.id, worker: "w" }));
      expect(claim.version).toMatchObject({ number: 1, life: "revoked" });
      expect(await world.ledger.claimWatch({ id: watched.id, worker: "x" })).toBeUndefined();
      const reopened: Watch = { ...claim.watch, state: "reopened", endedAt: claim.now };
      const commit = { watch: reopened, audit: [], notices: [], reopen: true, release: true };
      must(await world.ledger.recordWatch(claim.hold, commit));
      const [incident] = await world.ledger.cases({ limit: 1, open: true });
      expect(incident).toMatchObject({
        kind: "incident",
        about: "payments-db#1",
        episode: 1,
        mode: "act",
      });
      const view = must(await world.ledger.case(must(incident).id));
      expect(view.rotations).toMatchObject([
        { dying: [1], causes: [{ kind: "exposure", version: 1 }] },
      ]);
      expect(view.versions[0]).toMatchObject({ life: "ending" });
      expect(view.obligations).toMatchObject([{ version: 1 }]);
      expect(await world.ledger.claimWatch({ id: watched.id, worker: "w" })).toBeUndefined();
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

/** Version 1 replaced, dead and proven, with its watch. */
const watchDead = async (world: LedgerWorld): Promise<Watch> => {
  const id = await openRotation(world, "payments-db");
  const claim = await claimed(world.ledger, id);
  const dying = { ...must(claim.versions[0]), label: "none", life: "ending" } as const;
  must(await world.ledger.recordRotation(claim.hold, commitOf(claim, { versions: [dying] })));
  const last = await claimed(world.ledger, id);
  const watch: Watch = {
    id: watchId(newId()),
    credential: paymentsDb,
    version: 1,
    rotation: id,
    state: "watching",
    probes: 0,
    failures: 0,
    startedAt: last.now,
    dueAt: last.now + 3_600_000,
  };
  const rotation = { ...last.rotation, state: { at: "completed" } as const, endedAt: last.now };
  const versions = [{ ...dying, life: "revoked" as const }, versionOf(rotation, { number: 2 })];
  must(
    await world.ledger.recordRotation(
      last.hold,
      commitOf({ rotation }, { versions, watches: [watch] }),
    ),
  );
  return watch;
};

/** Sends everything there is, shard by shard, as the relay does. */
export const drainOutbox = async ({ ledger }: LedgerWorld) => {
  const sent = [];
  for (let shard = 0; shard < 16; shard += 1) {
    const hold = await ledger.holdOutboxShard({ shard, worker: "relay" });
    if (hold === undefined) continue;
    const entries = await ledger.readOutbox(hold, 1_000);
    sent.push(...entries);
    expect(
      await ledger.markSent(
        hold,
        entries.map(({ id }) => id),
      ),
    ).toBe(true);
    await ledger.releaseOutboxShard(hold);
  }
  return sent;
};
