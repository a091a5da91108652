import type { Paint } from "../terminal/paint.ts";
import type { Column } from "../terminal/table.ts";
import { seconds } from "../terminal/times.ts";
import type { PaymentCounts } from "../payments/attempts.ts";
import type { CaseRow } from "./case-row.ts";

/** What a run found, as `--json` writes it. */
export interface Summary {
  readonly rows: readonly CaseRow[];
  readonly payments: PaymentCounts;
  /** Roles with Rekey's mark that are the current role of no credential. */
  readonly orphans: readonly string[];
  /** Cases beyond one for a cause, effects beyond one for a version. */
  readonly doubled: readonly string[];
}

export const summaryColumns: readonly Column[] = [
  { title: "case" },
  { title: "credential" },
  { title: "contained after", right: true },
  { title: "proven dead after", right: true },
  { title: "consumers moved", right: true },
  { title: "old → new" },
];

const absent = "–";

const after = (at: number | undefined, since: number): string =>
  at === undefined ? absent : seconds(Math.max(0, at - since));

/** Cells of the closing table, one row a credential. */
export const summaryCells = (rows: readonly CaseRow[], paint: Paint): readonly string[][] =>
  rows.map((row) => [
    row.kind,
    row.credential,
    after(row.containedAt, row.reportedAt),
    after(row.provenDeadAt, row.reportedAt),
    String(row.consumersMoved),
    probes(row, paint),
  ]);

/** What the logins said: of the value before, then of the one after. */
const probes = ({ oldProbe, newProbe, mode }: CaseRow, paint: Paint): string => {
  const old = oldProbe === "dead" ? paint.good(oldProbe) : paint.warm(oldProbe);
  if (newProbe !== undefined) return `${old} → ${paint.good(newProbe)}`;
  return mode === "observe" ? `${old}, observed` : old;
};

const timeNames = ["reportedAt", "containedAt", "provenDeadAt", "completedAt"] as const;

/** Plain data: times as RFC 3339, absent where there was none. */
export const plainSummary = ({ rows, payments, orphans, doubled }: Summary): object => ({
  cases: rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      timeNames.flatMap((name) => {
        const at = row[name];
        return at === undefined ? [] : [[name, new Date(at).toISOString()]];
      }),
    ),
  })),
  payments,
  orphans: orphans.length,
  duplicates: doubled.length,
});
