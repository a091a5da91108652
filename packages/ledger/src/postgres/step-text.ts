import { engineActor, versionLifeTransitions } from "@rekey/domain";
import type { TableName } from "../rows/rows.ts";
import { rotationActive } from "./claim-sql.ts";
import { fingerprintsText, putText, recordset, updateText } from "./write.ts";

/** Tables that a step writes, each from one parameter. */
export const stepTables = [
  "rotations",
  "versions",
  "effects",
  "obligations",
  "watches",
  "audit",
] as const satisfies readonly TableName[];
export type StepTable = (typeof stepTables)[number];

export interface StepShape {
  readonly tables: readonly StepTable[];
  /** The rotation ends: the hold is given back. */
  readonly ends: boolean;
  /** Cases are woken: their ids and the input they get are the last two parameters. */
  readonly wakes: boolean;
  /** One of its versions gets the label: when the policy wants the next one follows from it. */
  readonly labels: boolean;
}

const texts = new Map<string, string>();

/**
 * A step as one statement: $1 the credential, $2 the rotation, $3 the fence, then each table's rows. Everything
 * hangs off `clock`, which is empty unless the fence holds. It answers `held`, and `now` unless the turn is not
 * what the step takes it for. Each shape has a text of its own; a rotation's steps have few.
 */
export const stepText = (shape: StepShape): string => {
  const key = `${shape.tables.join()} ${shape.ends} ${shape.wakes} ${shape.labels}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = `with ${clausesOf(shape).join(",\n  ")}
  select exists (select from held) as held, (select now from clock) as now`;
  texts.set(key, text);
  return text;
};

const firstTable = 4;

const clausesOf = ({ tables, ends, wakes, labels }: StepShape): readonly string[] => {
  const parameterOf = (table: StepTable): number => firstTable + tables.indexOf(table);
  const versions = tables.includes("versions")
    ? recordset("versions", parameterOf("versions"))
    : undefined;
  return [
    heldClause,
    ...(labels ? [ruledClause] : []),
    turnClause(versions, labels),
    clockClause,
    ...tables.flatMap((table) => writesOf(table, { parameter: parameterOf(table), ends })),
    ...(ends ? [holdClause] : []),
    ...(labels && versions !== undefined ? [scheduleClause(versions)] : []),
    ...(wakes ? wakeClauses(firstTable + tables.length) : []),
  ];
};

// The credential's lock first, as every command; a fence that moved on while it was waited for is seen.
const heldClause = `held as materialized (
    select c.id, c.policy from rekey.credentials c
      where c.id = $1 and c.fence = $3 and c.hold_open for no key update)`;

const allowedLives = Object.entries(versionLifeTransitions)
  .flatMap(([from, to]) => to.map((life) => `('${from}', '${life}')`))
  .join(", ");

// Locked, so that an interval which changed while the credential's lock was waited for is seen. Empty where the
// policy itself is newer than the statement. Inventories lock credentials before their policies, too.
const ruledClause = `ruled as materialized (
    select p.rotate_after_ms from held join rekey.policies p on p.name = held.policy for share of p)`;

/** Empty where the rotation ended, or a version goes where none may: the whole command then says what is wrong. */
const turnClause = (
  versions: string | undefined,
  labels: boolean,
): string => `turn as materialized (
    select r.id from held join rekey.rotations r on r.credential = held.id
      where r.id = $2::uuid and r.${rotationActive} ${soundLives(versions)} ${soundLabels(versions, labels)}
      for no key update of r)`;

const soundLives = (versions: string | undefined): string =>
  versions === undefined
    ? ""
    : `and not exists (select from rekey.versions t join ${versions} on r.number = t.number
          where t.credential = $1 and t.life <> r.life and (t.life, r.life) not in (${allowedLives}))`;

/** One stays current; without the label nothing is said of the version that has it. */
const soundLabels = (versions: string | undefined, labels: boolean): string => {
  if (versions === undefined) return "";
  const among = `(select r.number from ${versions})`;
  const current = `select from rekey.versions t where t.credential = $1 and t.label = 'current'`;
  return labels
    ? `and exists (select from ruled) and not exists (${current} and t.number not in ${among})`
    : `and not exists (${current} and t.number in ${among})`;
};

// Read after the locks were got; everything the statement writes has this time.
const clockClause = `clock as materialized (
    select now, to_char(now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as text
      from (select date_trunc('milliseconds', clock_timestamp()) as now from turn) read)`;

interface Place {
  readonly parameter: number;
  readonly ends: boolean;
}

const writesOf = (table: StepTable, { parameter, ends }: Place): readonly string[] => {
  const rows = `clock cross join ${recordset(table, parameter)}`;
  switch (table) {
    case "rotations": {
      // A turn that goes on is due at once, should its worker die before it says when. Where it was already, no index of
      // the row changes from step to step, and PostgreSQL writes none anew.
      const wake = ends ? "null" : "least(t.wake_at, clock.now)";
      return [`moved as (${updateText(table, rows, { '"wake_at"': wake })})`];
    }
    case "versions":
      return [`lives as (${putText(table, rows)})`, `fingerprints as (${fingerprintsText(rows)})`];
    case "effects":
      return [`journal as (${putText(table, rows, keptOfEffects)})`];
    case "audit":
      return auditClauses(parameter);
    default:
      return [`${table} as (${putText(table, rows)})`];
  }
};

// What was known when it was intended (the baseline of a mint) outlives its end.
const keptOfEffects = new Set(['"version"', '"baseline"', '"fault"']);

/** As commands/audit.ts puts an event together where the time is known beforehand. */
const auditClauses = (parameter: number): readonly string[] => [
  `told as materialized (
    select e.*, clock.now, clock.text as time, e.head || clock.text || e.tail as canonical
      from clock cross join jsonb_to_recordset($${parameter}::jsonb) as e(id uuid, type text,
        credential text, case_id uuid, rotation uuid, signal uuid, head text, tail text,
        shard smallint, topic text, key text, headers jsonb, before_time text, before_data text))`,
  `signed as materialized (
    select told.*, encode(sha256(convert_to(canonical, 'UTF8')), 'hex') as digest from told)`,
  `audited as (
    insert into rekey.audit_events
        (id, at, type, credential, case_id, rotation, signal, digest, canonical)
      select id, now, type, credential, case_id, rotation, signal, digest, convert_to(canonical, 'UTF8')
        from signed)`,
  `sent as (
    insert into rekey.outbox (shard, topic, key, headers, value)
      select shard, topic, key, headers, before_time || time || before_data
          || left(canonical, -1) || ',"digest":"' || digest || '"}}'
        from signed)`,
];

const holdClause = `hold as (
    update rekey.credentials c set hold_until = 'epoch', hold_by = null, hold_open = false
      from clock where c.id = $1)`;

/** As `refreshSchedule` says it of any credentials. */
const scheduleClause = (versions: string): string => `scheduled as (
    update rekey.credentials c set rotate_due_at = due.at
      from clock, ruled, lateral (
        select coalesce(r.promoted_at, r.minted_at)
            + ruled.rotate_after_ms * interval '1 millisecond' as at
          from ${versions} where r.label = 'current') due
      where c.id = $1 and c.rotate_due_at is distinct from due.at)`;

/** In id order, as every statement that locks several rows; a case that closed meanwhile is left alone. */
const wakeClauses = (parameter: number): readonly string[] => [
  `open as (
    select k.id, clock.now from clock join rekey.cases k on k.id = any($${parameter}::uuid[])
      where k.state <> 'closed' order by k.id for no key update of k)`,
  `told_cases as (
    insert into rekey.inputs (target_kind, target_id, payload, actor, at)
      select 'case', id, $${parameter + 1}::jsonb, '${engineActor.id}', now from open)`,
  `woken as (
    update rekey.cases t set wake_at = least(t.wake_at, open.now) from open where t.id = open.id)`,
];
