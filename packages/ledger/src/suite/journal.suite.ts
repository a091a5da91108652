import type { ContractCase } from "@rekey/testkit";
import {
  credentialId,
  identityId,
  signalId,
  type Notice,
  type Problem,
  type RejectedInput,
} from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import { drainOutbox } from "./telling.suite.ts";
import { admitOne, leakOf } from "./signals.suite.ts";
import { auditOf, claimed, commitOf, must, openRotation, withVersion } from "./turns.suite.ts";
import { credential, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

const shardWithRecords = async ({ ledger }: LedgerWorld) => {
  for (let shard = 0; shard < 16; shard += 1) {
    const hold = await ledger.holdOutboxShard({ shard, worker: "relay-1" });
    if (hold !== undefined) return hold;
  }
  throw new Error("nothing to send");
};

const rejectedFor = (coordinates: string, problems: readonly Problem[]): RejectedInput => ({
  id: signalId(newId()),
  source: "scanner.example",
  coordinates,
  digest: "ab",
  outcome: "quarantined",
  reason: problems[0]?.reason ?? "",
  problems,
});

/** What is told to others, and what is kept of what was told. */
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
    guarantee: "events are read past any number of notices, and notices past events",
    run: async (world) => {
      await prepare(world);
      await drainOutbox(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      await drainOutbox(world);
      const notices = Array.from({ length: 30 }, (_, index): Notice => ({
        to: "owner",
        about: paymentsDb,
        text: "look",
        dedupeKey: String(index),
        urgency: "today",
      }));
      const audit = [auditOf({ credential: paymentsDb })];
      for (const given of [{ notices }, { audit }, { notices: notices.slice(0, 1) }])
        must(
          await world.ledger.recordRotation(
            claim.hold,
            commitOf(claim, { ...given, release: false }),
          ),
        );
      const hold = await shardWithRecords(world);
      const topics = async (only?: "events" | "notices") =>
        (await world.ledger.readOutbox(hold, 10, only)).map(({ topic }) => topic);
      expect(new Set(await topics())).toEqual(new Set(["rekey.notices.v1"]));
      expect(await topics("events")).toEqual(["rekey.audit.v1"]);
      const all = await world.ledger.readOutbox(hold, 100, "notices");
      expect(all.map(({ value }) => JSON.parse(value).dedupeKey)).toEqual([
        ...notices.map(({ dedupeKey }) => dedupeKey),
        "0",
      ]);
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
    guarantee:
      "processes count as live for ten seconds after their beat, and which of them call providers",
    run: async ({ ledger, elapse }) => {
      const beat = async (id: string, kind: string) => {
        const told = { id, kinds: [kind, "relay"], build: "test", monotonicMs: 0 };
        const { live, calling } = await ledger.beat(told);
        return { live, calling };
      };
      expect(await beat("one", "rotator")).toEqual({ live: 1, calling: 1 });
      expect(await beat("two", "intake")).toEqual({ live: 2, calling: 2 });
      expect(await beat("three", "gateway")).toEqual({ live: 3, calling: 2 });
      await elapse(10_001);
      expect(await beat("two", "intake")).toEqual({ live: 1, calling: 1 });
    },
  },
  {
    guarantee: "what could not be read is kept by its digest, once",
    run: async ({ ledger }) => {
      const input = rejectedFor("t/0/7", [{ path: "", reason: "not JSON" }]);
      await ledger.rejectInputs([input]);
      await ledger.rejectInputs([{ ...input, id: signalId(newId()) }]);
      const rows = await ledger.signals({ limit: 10, outcomes: ["quarantined"] });
      expect(rows).toMatchObject([{ id: input.id, reason: "not JSON", problems: input.problems }]);
      expect(await ledger.signal(input.id)).toEqual(rows[0]);
      expect(await ledger.signals({ limit: 10, outcomes: ["opened"] })).toEqual([]);
    },
  },
  {
    guarantee:
      "the audit event of what could not be read says which field, and repeats nothing of it",
    run: async ({ ledger }) => {
      const severity = { path: "data.severity", reason: "is not a known severity" };
      const time = { path: "time", reason: "must be RFC 3339" };
      const one = rejectedFor("t/0/7", [severity]);
      const two = rejectedFor("t/0/8", [severity, time]);
      const asked = { ...rejectedFor("r/1", [time]), reason: "the request has problems" };
      const whole = rejectedFor("t/0/9", [{ path: "", reason: "not JSON" }]);
      await ledger.rejectInputs([one, two, asked, whole]);
      const events = await ledger.auditEvents({ limit: 9 });
      expect(events.map(({ reason }) => reason)).toEqual([
        "data.severity: is not a known severity",
        "data.severity: is not a known severity (2 problems)",
        "the request has problems: time: must be RFC 3339",
        "not JSON",
      ]);
      expect(events[1]?.detail).toMatchObject({ problems: [severity, time] });
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
