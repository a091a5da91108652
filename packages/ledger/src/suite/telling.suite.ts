import type { ContractCase } from "@rekey/testkit";
import { createHash } from "node:crypto";
import { canonicalJson } from "@rekey/contracts";
import { toRfc3339, watchId, type Watch } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import {
  auditOf,
  claimed,
  commitOf,
  must,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import { paymentsApi, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

/** What a commit tells, and what it is told later. */
export const tellingCases: readonly ContractCase<LedgerWorld>[] = [
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
      const given = { digest: must(one).digest, position: must(one).position };
      expect(must(one)).toEqual({ ...first, at: now, build: "test", ...given });
      const { digest, at, position: _place, ...rest } = must(two);
      const canonical = canonicalJson({ ...rest, at: toRfc3339(at) });
      expect(digest).toBe(createHash("sha256").update(canonical).digest("hex"));
      const page = await world.ledger.auditEvents({
        limit: 1,
        credential: paymentsDb,
        after: must(one).position,
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
      expect(values.map(({ value }) => JSON.parse(value).data)).toMatchObject([
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
