import {
  announcementSchema,
  auditSchemas,
  decodeAuditEvent,
  decodeCloudEvent,
  quarantinedEvent,
  topicNames,
} from "@rekey/contracts";
import { signalId, type AuditEvent, type OutboxEntry, type RejectedInput } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { admitOne, leakOf } from "./signals.suite.ts";
import { drainOutbox } from "./telling.suite.ts";
import { claimed, commitOf, must, openRotation, withVersion } from "./turns.suite.ts";
import { paymentsApi, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

const eventOf = ({ headers, value }: Pick<OutboxEntry, "headers" | "value">) =>
  must(decodeCloudEvent({ headers, value: new TextEncoder().encode(value) }).value);

const sentTo = async (world: LedgerWorld, topic: string) =>
  (await drainOutbox(world)).filter((entry) => entry.topic === topic);

const auditOn = (entries: readonly OutboxEntry[]): readonly AuditEvent[] =>
  entries.map((entry) => {
    const { value, problems } = decodeAuditEvent(eventOf(entry));
    expect([entry.value, problems]).toEqual([entry.value, undefined]);
    return must(value);
  });

const byId = (one: AuditEvent, other: AuditEvent): number => (one.id < other.id ? -1 : 1);

const rejected = (coordinates: string): RejectedInput => ({
  id: signalId(newId()),
  source: "moved",
  coordinates,
  digest: "ab".repeat(32),
  outcome: "quarantined",
  reason: "is not valid JSON",
  problems: [{ path: "", reason: "is not valid JSON" }],
});

/** What others read on topics is what the contracts say. */
export const publishedCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee:
      "every audit event is published so that the contract's own reader finds what was kept",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await admitOne(world, leakOf("payments-db#1"));
      await admitOne(world, leakOf("nobody#1"));
      await world.ledger.rejectInputs([rejected("t/0/1")]);
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      await world.ledger.sight({ ...said, version: 1, sequence: 1, counted: true });
      const told = auditOn(await sentTo(world, topicNames.audit));
      // Its place in the log is given after it was committed: nobody is told of it.
      const kept = (await world.ledger.auditEvents({ limit: 500 })).map(
        ({ position: _position, ...event }) => event,
      );
      expect(told.toSorted(byId)).toEqual(kept.toSorted(byId));
      expect(new Set(told.map(({ type }) => type)).size).toBeGreaterThan(5);
      const written = must(told.find(({ type }) => type === "consumer.moved"));
      expect(auditSchemas["consumer.moved"].safeParse({ ...written, extra: 1 }).success).toBe(
        false,
      );
    },
  },
  {
    guarantee: "what was rejected is told on the quarantine's topic, once, without its body",
    run: async (world) => {
      const input = rejected("t/0/7");
      await world.ledger.rejectInputs([input]);
      await world.ledger.rejectInputs([{ ...input, id: signalId(newId()) }]);
      const { now } = await world.ledger.check();
      const told = await sentTo(world, topicNames.quarantine);
      expect(told.map(({ key }) => key)).toEqual(["moved"]);
      const event = eventOf(must(told[0]));
      expect({ ...event, time: undefined }).toEqual({
        ...quarantinedEvent(input, now),
        time: undefined,
      });
      expect(Math.abs(Date.parse(must(event.time)) - now)).toBeLessThan(60_000);
    },
  },
  {
    guarantee: "the same event with other content is told on the quarantine's topic",
    run: async (world) => {
      await prepare(world);
      const first = leakOf("nobody#1");
      await admitOne(world, first);
      const again = { ...first, id: signalId(newId()), canonicalDigest: "cd".repeat(32) };
      expect((await admitOne(world, again)).outcome).toBe("quarantined");
      const told = (await sentTo(world, topicNames.quarantine)).map((entry) => eventOf(entry).data);
      expect(told).toMatchObject([
        { source: first.authentication.producer, outcome: "quarantined", problems: [] },
      ]);
    },
  },
  {
    guarantee: "an announcement on the topic is what consumers read at the gateway",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      must(
        await world.ledger.recordRotation(
          claim.hold,
          commitOf(claim, { announce: { version: 1 } }),
        ),
      );
      const [told] = await sentTo(world, topicNames.announcements);
      const { type, at, ...announced } = announcementSchema.parse(eventOf(must(told)).data);
      expect(announced).toEqual({ credential: paymentsDb, version: 1, rotation: id, sequence: 1 });
      const [known] = await world.ledger.announcementsFor(paymentsApi);
      expect(known).toMatchObject(announced);
      expect([type, at <= must(known).at]).toEqual([eventOf(must(told)).type, true]);
    },
  },
];
