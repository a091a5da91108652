import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { openEmbeddedTopics, type EmbeddedTopics } from "@rekey/topics";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ownDatabase } from "./own-database.fixture.ts";
import { errorsIn } from "./rekey-process.fixture.ts";
import { openStage, payments, slowMachine, type Stage } from "./stage.fixture.ts";

vi.setConfig(slowMachine);

const topic = "rekey.in.scanner";
const structured = { "content-type": "application/cloudevents+json" };
const takenWithin = { withinMs: 120_000, everyMs: 50 };

let stage: Stage;
let topics: EmbeddedTopics;

beforeAll(async () => {
  stage = await openStage({ credentials: [payments], minted: true });
  topics = await openEmbeddedTopics({
    connection: fixedSource(ownDatabase(stage.installation).url),
    log: silentLog,
    clock: systemClock,
    topics: [{ name: topic }],
  });
});

afterAll(async () => {
  await topics.close();
  await stage.close();
});

/** One key, so one partition: what comes later waits behind what comes first. */
const append = async (
  value: string | Uint8Array,
  headers: Readonly<Record<string, string>> = structured,
): Promise<void> => {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  await topics.sink.append([{ topic, key: "one", headers, value: bytes }]);
};

const event = (id: string, changes: object = {}, inside: object = {}): string =>
  JSON.stringify({
    specversion: "1.0",
    id,
    source: "//scanner.example/commits",
    type: "rekey.exposure.reported.v1",
    time: "2026-03-02T09:15:04.120Z",
    datacontenttype: "application/json",
    data: {
      locators: [{ scheme: "rekey", value: `${payments.id}#1` }],
      severity: "critical",
      confidence: "valid",
      occurredAt: "2026-03-02T09:15:04.120Z",
      reason: "a test",
      ...inside,
    },
    ...changes,
  });

const twice = event("twice").replace(
  '"severity":"critical"',
  '"severity":"low","severity":"critical"',
);

/** What arrives, and the words by which a person finds out what is wrong with it. */
const garbage: Readonly<
  Record<string, { value: string | Uint8Array; headers?: object; says: RegExp }>
> = {
  "malformed JSON": { value: '{"specversion":"1.0",', says: /is not valid JSON/ },
  "no JSON at all": { value: Uint8Array.of(0, 255, 254, 0), says: /is not valid UTF-8/ },
  nothing: { value: "", says: /is not valid JSON/ },
  "another envelope": {
    value: event("e"),
    headers: { "content-type": "text/plain" },
    says: /content-type|is not application\/cloudevents/,
  },
  "no envelope": { value: '{"hello":"world"}', says: /must be 1\.0|is missing/ },
  "an unknown type": {
    value: event("t", { type: "rekey.exposure.imagined.v1" }),
    says: /must be one of rekey\./,
  },
  "an unknown version": {
    value: event("v", { type: "rekey.exposure.reported.v9" }),
    says: /must be one of rekey\./,
  },
  "an impossible time": {
    value: event("i", {}, { occurredAt: "2026-02-30T25:61:00Z" }),
    says: /occurredAt|time|RFC 3339/,
  },
  "U+0000": { value: event("z", {}, { reason: "a\u0000b" }), says: /U\+0000|control character/ },
  "a duplicate key": { value: twice, says: /twice|duplicate/ },
  "too much": {
    value: event("big", {}, { reason: "x".repeat(1_060_000) }),
    says: /is larger than/,
  },
};

test.each(Object.keys(garbage))(
  "%s is quarantined with its reason, and told in the audit",
  async (name) => {
    const { value, headers, says } = garbage[name] ?? { value: "", says: /never/ };
    const before = new Set((await stage.acts.signals()).map(({ id }) => id));
    await append(value, headers as Readonly<Record<string, string>> | undefined);
    const row = await eventually(
      async () => (await stage.acts.signals()).find(({ id }) => !before.has(id)) ?? false,
      takenWithin,
    );
    expect(row).toMatchObject({ outcome: "quarantined", source: "scanner" });
    const told = [row.reason, ...row.problems.map(({ path, reason }) => `${path} ${reason}`)];
    expect(told.join("\n")).toMatch(says);
    const events = (await stage.acts.audit()).filter(({ signal }) => signal === row.id);
    expect(events.map(({ type }) => type)).toEqual(["signal.quarantined"]);
  },
);

test("a report about a credential nobody knows is an outcome with a reason, not a loss", async () => {
  await append(event("stranger", {}, { locators: [{ scheme: "rekey", value: "nobody#7" }] }));
  const row = await eventually(async () => await signalOf("stranger"), takenWithin);
  expect(row.outcome).not.toBe("opened");
  expect(row.reason).toMatch(/./);
});

test("the same event with other content is quarantined, the first one stands", async () => {
  const note = { disposition: "note" };
  await append(event("same", {}, note));
  await eventually(async () => await signalOf("same"), takenWithin);
  await append(event("same", {}, { ...note, severity: "low" }));
  await eventually(async () => {
    const rows = (await stage.acts.signals()).filter(({ eventId }) => eventId === "same");
    expect(rows.map(({ outcome }) => outcome).toSorted()).toContain("quarantined");
  }, takenWithin);
});

test("a good signal behind all of it is handled", async () => {
  const { acts, installation, target } = stage;
  const leaked = await acts.value(payments.id);
  for (const { value, headers } of Object.values(garbage))
    await append(value, headers as Readonly<Record<string, string>> | undefined);
  await append(event("good"));
  await acts.settled([{ eventId: "good" }]);
  expect(await target.login(leaked.url)).toBe("28P01");
  expect(await target.login((await acts.value(payments.id)).url)).toBeUndefined();
  expect(installation.processes.flatMap((one) => errorsIn(one.log()))).toEqual([]);
});

const signalOf = async (eventId: string) =>
  (await stage.acts.signals()).find((row) => row.eventId === eventId) ?? false;
