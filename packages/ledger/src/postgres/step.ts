import {
  isTerminal,
  type EffectEntry,
  type Hold,
  type Instant,
  type RotationCommit,
} from "@rekey/domain";
import { auditInWriting, type AuditInWriting } from "../commands/audit.ts";
import { casesToWake, wokenInput } from "../commands/record-rotation.ts";
import { statement, type Database } from "./database.ts";
import { stepTables, stepText, type StepTable } from "./step-text.ts";
import { toColumns } from "./tables.ts";

/** What a step's statement found: its time; that the fence moved on; or that the whole turn must be looked at. */
export type StepAnswer = { readonly now: Instant } | "fenced-off" | "look";

/**
 * A commit that goes on with its turn, or ends its rotation. Under an unchanged fence nobody else writes what it
 * writes, so nothing is read back but the policy, from which a label that moves has its schedule. What takes in or
 * leaves others' inputs, or needs a number of the credential's row, is no step; nor is what takes the label from
 * the current version and gives it to none.
 */
export const isStep = (commit: RotationCommit): boolean =>
  (!commit.release || isTerminal(commit.rotation)) &&
  commit.announce === undefined &&
  commit.ended === undefined &&
  commit.inputsConsumed.length + commit.notices.length === 0 &&
  commit.versions.every(({ credential }) => credential === commit.rotation.credential) &&
  labelled(commit) <= (isTerminal(commit.rotation) ? 0 : 1);

const labelled = ({ versions }: RotationCommit): number =>
  versions.filter(({ label }) => label === "current").length;

/** One statement, so one round trip and one durable commit: it writes all, or nothing. */
export const recordStep = async (
  database: Database,
  hold: Hold,
  commit: RotationCommit,
): Promise<StepAnswer> => {
  const tables = rowsOf(commit, database.build);
  const present = stepTables.filter((table) => tables[table].length > 0);
  const cases = casesToWake(commit);
  const text = stepText({
    tables: present,
    ends: isTerminal(commit.rotation),
    wakes: cases.length > 0,
    labels: labelled(commit) > 0,
  });
  const [row] = await statement<{ held: boolean; now: Date | null }>(database, text, [
    hold.row,
    hold.id,
    hold.fence,
    ...present.map((table) => JSON.stringify(tables[table])),
    ...(cases.length === 0 ? [] : [cases, JSON.stringify(wokenInput(commit))]),
  ]);
  if (row?.held !== true) return "fenced-off";
  return row.now === null ? "look" : { now: row.now.getTime() };
};

type StepRows = Readonly<Record<StepTable, readonly object[]>>;

/** Documents of the tables' columns; an audit event still without its time. */
const rowsOf = (commit: RotationCommit, build: string): StepRows => ({
  rotations: [toColumns("rotations", commit.rotation)],
  versions: commit.versions.map((row) => toColumns("versions", row)),
  effects: lastOfEach(commit.effects).map((row) => toColumns("effects", row)),
  obligations: commit.obligations.map((row) => toColumns("obligations", row)),
  watches: commit.watches.map((row) => toColumns("watches", row)),
  audit: commit.audit.map((event) => auditColumns(auditInWriting(event, build))),
});

/** A statement writes a row once: what is said of one attempt twice counts as it was said last. */
const lastOfEach = (effects: readonly EffectEntry[]): readonly EffectEntry[] => {
  if (effects.length < 2) return effects;
  const merged = new Map<string, EffectEntry>();
  for (const effect of effects) {
    const key = `${effect.step}/${effect.attempt}`;
    merged.set(key, { ...merged.get(key), ...effect });
  }
  return [...merged.values()];
};

const auditColumns = ({ row, head, tail, record }: AuditInWriting): object => ({
  ...row,
  case_id: row.case,
  head,
  tail,
  shard: record.shard,
  topic: record.topic,
  key: record.key,
  headers: record.headers,
  before_time: record.beforeTime,
  before_data: record.beforeData,
});
