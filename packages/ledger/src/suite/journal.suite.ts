import type { ContractCase } from "@rekey/testkit";
import {
  consumerId,
  credentialId,
  identityId,
  signalId,
  type Notice,
  type RejectedInput,
} from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import { drainOutbox } from "./telling.suite.ts";
import { admitOne, leakOf } from "./signals.suite.ts";
import {
  auditOf,
  claimed,
  commitOf,
  must,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import {
  credential,
  ordersDb,
  paymentsApi,
  paymentsDb,
  prepare,
  type LedgerWorld,
} from "./world.suite.ts";

const shardWithRecords = async ({ ledger }: LedgerWorld) => {
  for (let shard = 0; shard < 16; shard += 1) {
    const hold = await ledger.holdOutboxShard({ shard, worker: "relay-1" });
    if (hold !== undefined) return hold;
  }
  throw new Error("nothing to send");
};

/** Records the rotation's new version, and leaves the rotation to the next claim. */
const withSuccessor = async (
  { ledger }: LedgerWorld,
  id: Parameters<typeof claimed>[1],
): Promise<void> => {
  const claim = await claimed(ledger, id);
  const next = versionOf(claim.rotation, { number: 2, label: "pending" });
  must(await ledger.recordRotation(claim.hold, commitOf(claim, { versions: [next] })));
};

/** What is told to others, and what consumers tell. */
export const journalCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee:
      "records of one key leave in the order they were written, each audit event among them once",
    run: async (world) => {
      await prepare(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const own = Array.from({ length: 20 }, () => auditOf({ credential: paymentsDb }));
      for (const audit of own) {
        must(
          await world.ledger.recordRotation(
            claim.hold,
            commitOf(claim, { audit: [audit], release: false }),
          ),
        );
      }
      const sent = (await drainOutbox(world)).map(({ value }) => JSON.parse(value));
      const ids = sent.map((event) => event.id);
      expect(ids.filter((id) => own.some((audit) => audit.id === id))).toEqual(
        own.map(({ id }) => id),
      );
      const events = await world.ledger.auditEvents({ limit: 500 });
      expect(new Set(ids)).toEqual(new Set(events.map(({ id }) => id)));
      const told = sent.find((event) => event.id === own[0]?.id);
      expect(told).toMatchObject({
        specversion: "1.0",
        source: "rekey",
        type: "rekey.audit.rotation.proceeded.v1",
        subject: paymentsDb,
        partitionkey: paymentsDb,
        data: { reason: "a test", build: "test" },
      });
      expect((await world.ledger.backlog()).outboxUnsent).toBe(0);
    },
  },
  {
    guarantee:
      "the shards with something to send are told, held or not, and none when all has left",
    run: async (world) => {
      expect(await world.ledger.outboxWaiting()).toEqual([]);
      await prepare(world);
      const waiting = await world.ledger.outboxWaiting();
      const hold = await shardWithRecords(world);
      expect(waiting[0]).toBe(hold.shard);
      expect(await world.ledger.outboxWaiting()).toEqual(waiting);
      await world.ledger.releaseOutboxShard(hold);
      await drainOutbox(world);
      expect(await world.ledger.outboxWaiting()).toEqual([]);
    },
  },
  {
    guarantee: "notices leave with the commit that gave rise to them",
    run: async (world) => {
      await prepare(world);
      await drainOutbox(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const notice: Notice = {
        to: "owner",
        about: paymentsDb,
        text: "look",
        dedupeKey: "k",
        urgency: "today",
      };
      must(await world.ledger.recordRotation(claim.hold, commitOf(claim, { notices: [notice] })));
      const sent = await drainOutbox(world);
      const notices = sent.filter(({ topic }) => topic === "rekey.notices.v1");
      expect(notices.map(({ value }) => JSON.parse(value))).toEqual([notice]);
    },
  },
  {
    guarantee: "a shard is one relay's; one that was taken over marks nothing and reads nothing",
    run: async (world) => {
      await prepare(world);
      const first = await shardWithRecords(world);
      const { shard } = first;
      expect(await world.ledger.holdOutboxShard({ shard, worker: "relay-2" })).toBeUndefined();
      const ids = (await world.ledger.readOutbox(first, 100)).map(({ id }) => id);
      await world.elapse(16_000);
      const second = must(await world.ledger.holdOutboxShard({ shard, worker: "relay-2" }));
      expect(await world.ledger.markSent(first, ids)).toBe(false);
      expect(await world.ledger.readOutbox(first, 100)).toEqual([]);
      expect((await world.ledger.readOutbox(second, 100)).map(({ id }) => id)).toEqual(ids);
      await world.ledger.releaseOutboxShard(first);
      expect(await world.ledger.markSent(second, ids)).toBe(true);
      await world.ledger.releaseOutboxShard(second);
      expect(await world.ledger.holdOutboxShard({ shard, worker: "relay-1" })).toBeUndefined();
    },
  },
  {
    guarantee: "an acknowledgement that counts reaches the rotation, once per token",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const said = {
        consumer: paymentsApi,
        credential: paymentsDb,
        instance: "pod-1",
        version: 1,
        sequence: 1,
      };
      expect(await world.ledger.sight({ ...said, counted: true, tokenId: "t1" })).toBeUndefined();
      expect(await world.ledger.sight({ ...said, counted: true, tokenId: "t1" })).toMatchObject({
        refused: "ALREADY_DONE",
      });
      const claim = await claimed(world.ledger, id);
      expect(claim.inputs.map(({ input }) => input)).toEqual([
        { type: "moved", consumer: paymentsApi },
      ]);
      const [seen] = must(claim.consumers[0]).instances;
      expect(seen).toMatchObject({ instance: "pod-1", version: 1, counted: true });
      expect(seen?.acknowledgedAt).toBe(seen?.lastSeenAt);
    },
  },
  {
    guarantee: "what is unsigned or older never takes back what was signed",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      await withSuccessor(world, id);
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      await world.ledger.sight({ ...said, version: 2, sequence: 2, counted: true });
      await world.ledger.sight({ ...said, version: 1, sequence: 1, counted: true });
      await world.ledger.sight({ ...said, version: 1, sequence: 3, counted: false });
      await world.ledger.sight({ consumer: paymentsApi, instance: "pod-2", counted: false });
      const claim = await claimed(world.ledger, id);
      expect(must(claim.consumers[0]).instances).toMatchObject([
        { instance: "pod-1", version: 2, counted: true },
        { instance: "pod-2", counted: false },
      ]);
      expect(claim.inputs).toHaveLength(1);
    },
  },
  {
    guarantee:
      "an acknowledgement of a version that is not known is refused and noted, and never counts",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      const ahead = { ...said, version: 99, counted: true, tokenId: "t1" };
      expect(await world.ledger.sight(ahead)).toMatchObject({ refused: "NOT_FOUND" });
      expect(await world.ledger.sight(ahead)).toMatchObject({ refused: "ALREADY_DONE" });
      await withSuccessor(world, id);
      const claim = await claimed(world.ledger, id);
      const [seen, ...others] = must(claim.consumers[0]).instances;
      expect([seen?.instance, seen?.version, others]).toEqual(["pod-1", undefined, []]);
      expect(claim.inputs).toEqual([]);
      const events = await world.ledger.auditEvents({ limit: 50, credential: paymentsDb });
      expect(events.find(({ type }) => type === "consumer.noted")).toMatchObject({
        detail: { instance: "pod-1", version: 99 },
      });
      await world.ledger.recordRotation(claim.hold, commitOf(claim));
      await world.ledger.sight({ ...said, version: 2, counted: true });
      const moved = must((await claimed(world.ledger, id)).consumers[0]).instances[0];
      expect(moved).toMatchObject({ version: 2, counted: true });
    },
  },
  {
    guarantee: "only a declared consumer of the credential is heard",
    run: async (world) => {
      await prepare(world);
      const said = { instance: "pod-1", counted: true, version: 1 };
      const stranger = { ...said, consumer: consumerId("stranger") };
      expect(await world.ledger.sight(stranger)).toMatchObject({ refused: "NOT_FOUND" });
      const other = { ...said, consumer: paymentsApi, credential: ordersDb };
      expect(await world.ledger.sight(other)).toMatchObject({ refused: "NOT_FOUND" });
      expect(await world.ledger.consumer(paymentsApi)).toMatchObject({ service: "payments" });
      expect(await world.ledger.consumer(consumerId("stranger"))).toBeUndefined();
    },
  },
  {
    guarantee: "processes count as live for ten seconds after their beat",
    run: async ({ ledger, elapse }) => {
      const beat = async (id: string) =>
        (await ledger.beat({ id, kinds: ["rotator"], build: "test", monotonicMs: 0 })).live;
      expect(await beat("one")).toBe(1);
      expect(await beat("two")).toBe(2);
      await elapse(10_001);
      expect(await beat("two")).toBe(1);
    },
  },
  {
    guarantee: "what could not be read is kept by its digest, once",
    run: async ({ ledger }) => {
      const input: RejectedInput = {
        id: signalId(newId()),
        source: "scanner.example",
        coordinates: "t/0/7",
        digest: "ab",
        outcome: "quarantined",
        reason: "not JSON",
        problems: [{ path: "", reason: "not JSON" }],
      };
      await ledger.rejectInputs([input]);
      await ledger.rejectInputs([{ ...input, id: signalId(newId()) }]);
      const rows = await ledger.signals({ limit: 10, outcomes: ["quarantined"] });
      expect(rows).toMatchObject([{ id: input.id, reason: "not JSON", problems: input.problems }]);
      expect(await ledger.signal(input.id)).toEqual(rows[0]);
      expect(await ledger.signals({ limit: 10, outcomes: ["opened"] })).toEqual([]);
    },
  },
  {
    guarantee: "pages follow each other without a gap, in the order of code points",
    run: async (world) => {
      const names = ["a-db", "a.db", "a_db", "b-db", "b1"];
      await prepare(world, { credentials: names.map((name) => credential(name)) });
      const first = await world.ledger.credentials({ limit: 2 });
      const after = must(first.at(-1)).credential.id;
      const rest = await world.ledger.credentials({ limit: 9, after });
      expect([...first, ...rest].map((view) => view.credential.id)).toEqual([...names].sort());
      expect(await world.ledger.credentials({ limit: 9, environment: "nowhere" })).toEqual([]);
      const owned = { limit: 9, identity: identityId("payments"), environment: "production" };
      expect(await world.ledger.credentials(owned)).toHaveLength(5);
      expect(await world.ledger.credential(credentialId("nobodys-db"))).toBeUndefined();
    },
  },
  {
    guarantee: "a signal's row tells what became of it",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const leak = leakOf("payments-db#1");
      const admitted = await admitOne(world, leak);
      const row = must(await world.ledger.signal(leak.id));
      expect(row).toMatchObject({
        outcome: "opened",
        case: admitted.case,
        source: "scanner.example",
      });
      const events = await world.ledger.auditEvents({ limit: 50, case: must(admitted.case) });
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining([
          "signal.opened",
          "case.opened",
          "version.exposed",
          "rotation.opened",
          "obligation.opened",
          "rotation.planned",
          "rotation.step-intended",
        ]),
      );
      const { now, server } = await world.ledger.check();
      expect(now).toBeGreaterThanOrEqual(row.receivedAt);
      expect(server).toBeDefined();
    },
  },
];
