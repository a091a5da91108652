import {
  announcementSchema,
  auditSchemas,
  decodeAuditEvent,
  decodeCloudEvent,
  joinedSignalsMax,
  quarantinedEvent,
  topicNames,
} from "@rekey/contracts";
import { signalId, type AuditEvent, type OutboxEntry, type RejectedInput } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { admitOne, leakOf, received, requestOf } from "./signals.suite.ts";
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

/** Which signals an event tells of. */
const signalsOf = ({ type, signal, detail }: AuditEvent): readonly string[] =>
  type === "signals.joined"
    ? (
        detail as unknown as { readonly signals: readonly { readonly signal: string }[] }
      ).signals.map((one) => one.signal)
    : [must(signal)];

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
    guarantee:
      "many reports of an open case are told in few events, and each of them is named by exactly one",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const first = leakOf("payments-db#1", { confidence: "unknown", public: false });
      const opened = must((await admitOne(world, first)).case);
      const graver = leakOf("payments-db#1");
      const again = Array.from({ length: 2 * joinedSignalsMax + 1 }, () => leakOf("payments-db#1"));
      const other = received(leakOf("payments-db#1").signal, {
        authentication: { ...first.authentication, producer: "another" },
      });
      const answers = await world.ledger.admit(requestOf(graver, ...again, other, must(again[0])));
      expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["joined"]));
      const told = auditOn(await sentTo(world, topicNames.audit));
      const joined = told.filter(({ type }) => /^signals?\.joined$/.test(type));
      // What changed the case, and what came another way, is not one of many.
      const single = joined.filter(({ type }) => type === "signal.joined");
      expect(single.map(({ signal }) => signal)).toEqual(
        expect.arrayContaining([graver.id, other.id]),
      );
      expect(joined.length).toBe(2 + 3);
      expect(joined.flatMap(signalsOf).toSorted()).toEqual(
        [...again, graver, other].map(({ id }) => id).toSorted(),
      );
      const page = await world.ledger.auditEvents({ limit: 500, case: opened });
      expect(page.filter(({ type }) => type === "signals.joined")).toHaveLength(2);
      expect(must(await world.ledger.case(opened)).case.signals).toBe(again.length + 3);
      const row = must(await world.ledger.signal(must(again[7]).id));
      expect(row).toMatchObject({ outcome: "joined", case: opened });
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
