import { announcementType, structuredContentType, topicNames } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import { expect } from "vitest";
import { assertPublished } from "../scenarios/published.fixture.ts";
import type { AuditEvent } from "./acts.fixture.ts";
import type { ForeignRecord } from "./kafka.fixture.ts";
import type { World } from "./world.fixture.ts";

/** One published audit event, as a reader sees it that knows the page on events and nothing else. */
export interface PublishedEvent {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const within = { withinMs: 180_000, everyMs: 500 };

/** A stall has one relay repeat what it had just sent, few of a story's; one that never notes what it sent repeats all. */
const seldom = 0.1;

const publishedOf = ({ key, value }: ForeignRecord): PublishedEvent => {
  assertPublished({
    topic: topicNames.audit,
    key,
    headers: { "content-type": structuredContentType },
    value: new TextEncoder().encode(value),
  });
  const { id, type, data } = JSON.parse(value) as Omit<PublishedEvent, "key">;
  return { key, id, type, data };
};

const keyOf = ({ id, credential, case: of, signal }: AuditEvent): string =>
  credential ?? of ?? signal ?? id;

/**
 * Everything the ledger holds is on the topic, and those of one key in the ledger's order. Where a relay was killed or
 * held up after it sent and before it noted that, an event may stand there again: the same one, later. Where nothing was
 * killed and nothing was away that is for a stall alone.
 */
export const expectAuditComplete = async (
  { acts, kafka }: World,
  again: "seldom" | "after kills" = "after kills",
): Promise<readonly PublishedEvent[]> => {
  const rows = await acts.audit();
  const all = await eventually(async () => {
    const found = (await kafka.readAll(topicNames.audit)).map(publishedOf);
    const ids = new Set(found.map(({ id }) => id));
    const missing = rows.filter(({ id }) => !ids.has(id));
    if (missing.length === 0) return found;
    throw new Error(
      `${missing.length} of ${rows.length} are not on the topic: ${missing[0]?.type}`,
    );
  }, within);
  const once = firstOfEach(all);
  if (again === "seldom") expect(all.length - once.length).toBeLessThan(once.length * seldom);
  const known = new Set(rows.map(({ id }) => id));
  const published = once.filter(({ id }) => known.has(id));
  expect(published.map(({ key, id }) => `${key} ${id}`).toSorted()).toEqual(
    rows.map((row) => `${keyOf(row)} ${row.id}`).toSorted(),
  );
  expect(outOfOrder(published)).toEqual([]);
  expectEndings(rows, published);
  return published;
};

/** As a reader sees it that leaves out what it knows by its id. */
const firstOfEach = (all: readonly PublishedEvent[]): readonly PublishedEvent[] => {
  const first = new Map<string, PublishedEvent>();
  for (const event of all) {
    const before = first.get(event.id) ?? event;
    expect(event).toEqual(before);
    first.set(event.id, before);
  }
  return [...first.values()];
};

// What a saga writes is written one commit after another. An acknowledgement or a report that comes meanwhile has a
// commit of its own, whose time may be the earlier one.
const written = /^rekey\.audit\.(rotation|version|obligation|watch)\./;

/** Events of a key that stand behind a later one of the same saga. */
const outOfOrder = (published: readonly PublishedEvent[]): readonly PublishedEvent[] => {
  const latest = new Map<string, string>();
  return published.filter(({ key, type, data }) => {
    if (!written.test(type)) return false;
    const at = String(data["at"]);
    const before = latest.get(key) ?? "";
    if (at > before) latest.set(key, at);
    return at < before;
  });
};

const endings = {
  case: /^rekey\.audit\.case\.closed\./,
  rotation: /^rekey\.audit\.rotation\.(completed|undone|withdrawn|would-have)\./,
} as const;

/** Each case and rotation that was opened has one ending, and no other has one. */
const expectEndings = (rows: readonly AuditEvent[], published: readonly PublishedEvent[]): void => {
  for (const subject of ["case", "rotation"] as const) {
    const opened = rows
      .filter(({ type }) => type === `${subject}.opened`)
      .map((row) => String(row[subject]));
    const ended = published
      .filter(({ type }) => endings[subject].test(type))
      .map(({ data }) => String(data[subject]));
    expect(ended.toSorted(byText)).toEqual([...new Set(opened)].toSorted(byText));
  }
  const revoked = published.filter(({ type }) => type === "rekey.audit.version.revoked.v1");
  const names = revoked.map(
    ({ data }) => `${String(data["credential"])}#${String(data["version"])}`,
  );
  expect(names.length).toBe(new Set(names).size);
};

/** Of each credential the sequences rise; where a relay sent again what it had not noted, the same one stands there again. */
export const expectAnnouncementsRise = async ({ kafka }: World): Promise<void> => {
  const records = await kafka.readAll(topicNames.announcements);
  const byCredential = new Map<string, { sequence: number; version: number }[]>();
  for (const { key, value } of records) {
    const { type, data } = JSON.parse(value) as {
      readonly type: string;
      readonly data: {
        readonly credential: string;
        readonly sequence: number;
        readonly version: number;
      };
    };
    expect([type, data.credential]).toEqual([announcementType, key]);
    byCredential.set(key, [...(byCredential.get(key) ?? []), data]);
  }
  expect(byCredential.size).toBeGreaterThan(0);
  for (const all of byCredential.values()) {
    const versions = new Map<number, number>();
    for (const { sequence, version } of all) {
      expect(versions.get(sequence) ?? version).toBe(version);
      versions.set(sequence, version);
    }
    const sequences = [...versions.keys()];
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
  }
};

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
