import { afterAll, beforeAll, expect, test } from "vitest";
import { day } from "@rekey/domain";
import type { FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { auditPageText } from "./audit-log.ts";
import { numberText, sweepText, waitsText } from "./audit-order.ts";
import { claimRotationText } from "./claim-sql.ts";
import { dueForScheduleText, dueText } from "./clock.ts";
import { forgetInstancesText, forgetTokensText } from "./consumers.ts";
import { ask, freshLedger } from "./database.suite.ts";
import {
  lockCasesText,
  lockCredentialsText,
  lockRotationsText,
  lockScopesText,
} from "./leak-texts.ts";
import { lockCasesForWordText, lockRotationsForWordText } from "./locks.ts";
import { readText } from "./outbox.ts";
import { matchText } from "./matching.ts";
import { rejectedBefore, unreadableBefore } from "./rejected.ts";
import { standingText } from "./standing.ts";
import { stepTables, stepText } from "./step-text.ts";

let database: FreshDatabase;

/** Twenty thousand credentials, of which a few have something to do. */
const fillText = `
  insert into rekey.identities values ('payments', 'service', null, '[]', true, true);
  insert into rekey.policies (name, grace_ms, grace_over, reversible_for_ms, notice_ms, windows, freezes,
      allow_listed_proof, allow_outage, breaker, declared)
    values ('standard', 0, '{}', 0, 0, '[]', '[]', false, false, '{}', true);
  insert into rekey.credentials (id, identity, owner, purpose, environment, criticality, issuer, consumers,
      policy, exclusive, protected, control, declared, rotate_due_at)
    select 'c' || n, 'payments', 'payments', '', 'production', 'normal', '{"instance":"pg"}',
        array['app' || n], 'standard', true, false, false, true,
        now() + (n - 5) * interval '1 hour'
      from generate_series(1, 20000) n;
  insert into rekey.versions (credential, number, label, life, rotation, marked, fingerprints, staged)
    select 'c' || n, 1, 'current', 'valid', gen_random_uuid(), true, '[]', true from generate_series(1, 20000) n;
  insert into rekey.version_fingerprints
    select 'hmac-sha256:p1', md5(n::text), 'c' || n, 1 from generate_series(1, 20000) n;
  insert into rekey.rotations (id, credential, number, state, state_detail, lane, mode, approved, wanted, causes,
      dying, plan_version, plan, done, failures, due_at, started_at, cut_off, moved, unmoved, claims_lost, undoing)
    select gen_random_uuid(), 'c' || n, 1, case when n <= 2000 then 'waiting' else 'completed' end, '{}',
        case when n % 10 = 0 then 'urgent' else 'planned' end, 'act', false, 'successor', '[]', '[]', 1, '[]', '[]',
        0, now() + (n - 20) * interval '1 minute', now(), false, '[]', '[]', 0, false
      from generate_series(1, 20000) n;
  insert into rekey.cases (id, kind, about, episode, step, state, state_detail, lane, mode, cause, producer, approved_by,
      signals, wave, failures, due_at, opened_at, occurred_at, fence, hold_until, hold_open)
    select gen_random_uuid(), 'campaign', 'a' || n, 1, 'close', case when n <= 50 then 'waiting' else 'closed' end, '{}',
        'planned', 'act', '{}', 'p', '[]', 1, 1, 0, now() + (n - 20) * interval '1 minute', now(), now(), 0, 'epoch', false
      from generate_series(1, 20000) n;
  insert into rekey.case_items select id, 'c' || row_number() over (), 1, 'successor', 1, null, null from rekey.cases;
  insert into rekey.watches select gen_random_uuid(), 'c' || n, 1, gen_random_uuid(),
      case when n <= 500 then 'watching' else 'ended' end, 0, 0, now(), now() + (n - 20) * interval '1 minute'
    from generate_series(1, 20000) n;
  insert into rekey.acknowledgement_tokens
    select gen_random_uuid(), 'app1', now() - n * interval '36 seconds' from generate_series(1, 20000) n;
  insert into rekey.sightings select 'app' || n % 200, 'pod-' || n, now() - n * interval '1 hour'
    from generate_series(1, 20000) n;
  insert into rekey.acknowledgements select consumer, 'c' || substr(consumer, 4), instance, 1, 1, last_seen_at, true
    from rekey.sightings;
  insert into rekey.outbox (shard, topic, key, headers, value)
    select n % 16, 't', 'k', '{}', repeat('x', 200) from generate_series(1, 20000) n;
  insert into rekey.signals (id, source_system, source_feed, event_id, digest, outcome, reason, received_at,
      coordinates, problems)
    select gen_random_uuid(), 's', 'f', n::text, '', 'noted', '', now(), '', '[]' from generate_series(1, 20000) n;
  insert into rekey.audit_events (id, at, type, credential, case_id, digest, canonical, xact)
    select gen_random_uuid(), now() - n * interval '1 second', 'mode.set', 'c' || n % 500,
        md5((n % 200)::text)::uuid, repeat('0', 64), '{}', n::text::xid8
      from generate_series(1, 20000) n;
  insert into rekey.audit_leaves (position, event, credential, case_id)
    select row_number() over (order by at, id) - 1, id, credential, case_id from rekey.audit_events;
  update rekey.audit_head set seen = '20001:20010:20001,20005'`;

beforeAll(async () => {
  database = await freshLedger();
  await ask(database, fillText);
  // Not analyze alone: rows that wait to enter a GIN index make it look dear.
  await ask(database, "vacuum analyze");
});
afterAll(() => database.drop());

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

interface Explained {
  readonly "QUERY PLAN": readonly { readonly Plan: Plan }[];
}

const explained = (text: string): string => `explain (format json) ${text}`;

const nodesIn = (rows: readonly Explained[]): readonly Plan[] =>
  rows.flatMap((row) => row["QUERY PLAN"]).flatMap(({ Plan: plan }) => nodesOf(plan));

const explain = async (text: string, parameters: readonly unknown[]): Promise<readonly Plan[]> =>
  nodesIn(await ask<Explained>(database, explained(text), parameters));

/** Tables of which a plan reads every row. */
const readWhole = (nodes: readonly Plan[]): readonly (string | undefined)[] =>
  nodes.filter((node) => node["Node Type"] === "Seq Scan").map((node) => node["Relation Name"]);

const indexesOf = (nodes: readonly Plan[]): ReadonlySet<string | undefined> =>
  new Set(nodes.map((node) => node["Index Name"]).filter((name) => name !== undefined));

const noId = "00000000-0000-7000-8000-000000000000";
const nothing = JSON.stringify([]);
const leaked = JSON.stringify([{ scheme: "hmac-sha256:p1", value: "0".repeat(32) }]);
const event = JSON.stringify([{ id: noId, source_system: "s", source_feed: "f", event_id: "77" }]);

const hot: readonly (readonly [string, string, readonly unknown[], readonly string[]])[] = [
  ["due, urgent", dueText, ["urgent", 16, 0], ["rotations_due"]],
  ["due, planned", dueText, ["planned", 16, 0], ["rotations_due", "cases_due"]],
  ["due, sweep", dueText, ["sweep", 16, 0], ["watches_due"]],
  ["due by age", dueForScheduleText, [100], ["credentials_schedule"]],
  ["standing", standingText, [], []],
  [
    "rotations a mode wakes",
    lockRotationsForWordText,
    ["1000"],
    ["rotations_due", "credentials_pkey"],
  ],
  ["cases a mode wakes", lockCasesForWordText, ["1000"], []],
  ["claim", claimRotationText, [noId, "w"], ["rotations_pkey", "credentials_pkey"]],
  [
    "match",
    matchText,
    [leaked, [], nothing, nothing, event],
    ["version_fingerprints_pkey", "signals_event"],
  ],
  [
    "what could not be read",
    `select t.id from rekey.signals t where ${rejectedBefore}`,
    [["s"], "f", ["77", "78"]],
    ["signals_event", "signals_quarantined", "signals_pkey"],
  ],
  [
    "what the ledger cannot hold",
    `select t.id from rekey.signals t where ${unreadableBefore}`,
    ["s", "f", "77", "t/0/1"],
    ["signals_quarantined"],
  ],
  ["a leak's credentials", lockCredentialsText, [], ["credentials_pkey"]],
  ["a leak's rotations", lockRotationsText, [], ["rotations_active"]],
  ["a leak's open cases", lockCasesText, [], ["cases_open"]],
  ["a leak's scopes", lockScopesText, [], ["credentials_pkey"]],
  [
    "step",
    stepText({ tables: stepTables, ends: true, wakes: true, labels: false }),
    ["c7", noId, 1, ...stepTables.map(() => nothing), [noId], "{}"],
    ["credentials_pkey", "rotations_pkey", "versions_pkey", "cases_pkey"],
  ],
  [
    "a step that moves the label",
    stepText({ tables: stepTables, ends: false, wakes: false, labels: true }),
    ["c7", noId, 1, ...stepTables.map(() => nothing)],
    ["credentials_pkey", "rotations_pkey"],
  ],
  [
    "tokens to forget",
    forgetTokensText,
    [],
    ["acknowledgement_tokens_used", "acknowledgement_tokens_pkey"],
  ],
  [
    "instances to forget",
    forgetInstancesText,
    [day, "app7", ""],
    ["sightings_pkey", "acknowledgements_instance", "rotations_active", "credentials_pkey"],
  ],
  ["outbox", readText, [3, 200, false], []],
  ["whether an event has no position", waitsText, [], ["audit_events_xact"]],
  [
    "numbering",
    numberText,
    [5_000],
    ["audit_events_xact", "audit_leaves_event_key", "audit_leaves_pkey"],
  ],
  ["numbering what was there before", sweepText, [50, noId], ["audit_events_time"]],
  ["the audit log", auditPageText(), [200, 17_000], ["audit_leaves_pkey", "audit_events_pkey"]],
  [
    "a case's log",
    auditPageText("and l.case_id = $3::uuid"),
    [50, 100, noId],
    ["audit_leaves_case"],
  ],
  [
    "a credential's log",
    auditPageText("and l.credential = $3"),
    [50, 100, "c7"],
    ["audit_leaves_credential"],
  ],
];

// One-row tables and the few processes may be read whole.
const small = new Set<string | undefined>([
  "outbox_shards",
  "pause",
  "gates",
  "consumers",
  "identities",
  "policies",
  "audit_head",
]);

test.each(hot)(
  "%s costs what is due: it reads by its indexes",
  async (...[, text, parameters, indexes]) => {
    const nodes = await explain(text, parameters);
    expect(readWhole(nodes).filter((table) => !small.has(table))).toEqual([]);
    for (const index of indexes) expect([...indexesOf(nodes)]).toContain(index);
  },
);

test("an index that is gone is seen", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    // Undone at the end: the other tests, in whatever order, look at the index.
    await client.query("begin; drop index rekey.rotations_due");
    const nodes = nodesIn((await client.query(explained(dueText), ["planned", 16, 0])).rows);
    expect([...indexesOf(nodes)]).not.toContain("rotations_due");
  } finally {
    await client.end();
  }
});
