import {
  auditEventId,
  signalId,
  type AuditEventType,
  type ReceivedSignal,
  type RotationCommit,
  type Version,
} from "@rekey/domain";
import { openMemoryLedger } from "@rekey/ledger";
import { createMetrics, newId } from "@rekey/runtime";
import { expect, test } from "vitest";
import { declareProcessFigures } from "../operations/process-figures.ts";
import { measuredLedger } from "./measured-ledger.ts";

const opened = () => {
  const metrics = createMetrics();
  const ledger = openMemoryLedger({ now: () => Date.now(), newId, build: "test" });
  return { metrics, ledger, figures: declareProcessFigures(metrics) };
};

/** A deployment of a service that nothing is declared of: noted, and nothing follows. */
const delivery = (eventId: string, digest: string): ReceivedSignal => ({
  id: signalId(newId()),
  signal: {
    kind: "usage",
    effect: "note",
    eventId,
    occurredAt: 0,
    source: { system: "s", feed: "f", rawDigest: "" },
    locators: [],
    evidence: [],
    confidence: "unknown",
  } as unknown as ReceivedSignal["signal"],
  canonicalDigest: digest,
  authentication: { producer: "s", method: "signed-record", trusted: true },
  coordinates: `t/0/${eventId}`,
});

test("a signal counts once by what became of it, however often it comes", async () => {
  const { metrics, ledger, figures } = opened();
  const measured = measuredLedger(ledger, figures);
  const admit = async (...signals: readonly ReceivedSignal[]) =>
    await measured.admit({ signals, capabilities: {}, worker: "w" });
  const [first] = await admit(delivery("1", "a".repeat(64)));
  await admit(delivery("1", "a".repeat(64)), delivery("2", "b".repeat(64)));
  await admit(delivery("2", "c".repeat(64)));
  const text = await metrics.text();
  expect(text).toContain(`rekey_signals_total{outcome="${first?.outcome ?? ""}"} 2`);
  expect(text).toContain('rekey_signals_total{outcome="quarantined"} 1');
});

const commitOf = (version: Partial<Version>, types: readonly AuditEventType[]): RotationCommit =>
  ({
    rotation: { startedAt: 1_000 },
    versions: [{ number: 1, ...version }],
    audit: types.map((type) => ({ id: auditEventId(newId()), type, version: 1 })),
  }) as unknown as RotationCommit;

const hold = { kind: "rotation", id: newId(), fence: 1 } as never;

test("what a commit says is contained or dead is timed once, from its exposure or its rotation's begin", async () => {
  const { metrics, ledger, figures } = opened();
  const recordRotation = async () => await Promise.resolve({ now: 9_000 });
  const measured = measuredLedger({ ...ledger, recordRotation }, figures);
  const exposed = { exposedAt: 2_000, containedAt: 2_500 };
  await measured.recordRotation(hold, commitOf(exposed, ["version.contained"]));
  const dead = { ...exposed, provenDeadAt: 4_000 };
  await measured.recordRotation(hold, commitOf(dead, ["version.proven-dead"]));
  await measured.recordRotation(hold, commitOf(dead, ["rotation.completed", "breaker.held"]));
  await measured.recordRotation(hold, commitOf({ provenDeadAt: 61_000 }, ["version.proven-dead"]));
  const text = await metrics.text();
  for (const line of [
    'rekey_contained_seconds_sum{exposed="yes"} 0.5',
    'rekey_contained_seconds_count{exposed="yes"} 1',
    'rekey_proven_dead_seconds_sum{exposed="yes"} 2',
    'rekey_proven_dead_seconds_count{exposed="yes"} 1',
    'rekey_proven_dead_seconds_sum{exposed="no"} 60',
    "rekey_breaker_held_total 1",
  ])
    expect(text).toContain(line);
});

test("what could not be tried when it was stopped counts as contained by its proof", async () => {
  const { metrics, ledger, figures } = opened();
  const recordRotation = async () => await Promise.resolve({ now: 9_000 });
  const measured = measuredLedger({ ...ledger, recordRotation }, figures);
  await measured.recordRotation(hold, commitOf({ exposedAt: 2_000 }, ["version.contained"]));
  const dead = { exposedAt: 2_000, containedAt: 5_000, provenDeadAt: 5_000 };
  await measured.recordRotation(hold, commitOf(dead, ["version.proven-dead"]));
  expect(await metrics.text()).toContain('rekey_contained_seconds_sum{exposed="yes"} 3');
});

test("a commit that was fenced off is not measured", async () => {
  const { metrics, ledger, figures } = opened();
  const measured = measuredLedger(
    { ...ledger, recordRotation: async () => await Promise.resolve(undefined) },
    figures,
  );
  const dead = { exposedAt: 2_000, provenDeadAt: 4_000 };
  await measured.recordRotation(hold, commitOf(dead, ["version.proven-dead", "breaker.held"]));
  const text = await metrics.text();
  expect(text).not.toContain("rekey_proven_dead_seconds_count{");
  expect(text).toContain("rekey_breaker_held_total 0");
});
