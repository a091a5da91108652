import { Fault, type Ledger } from "@rekey/domain";
import { auditEventOf } from "../commands/audit.ts";
import { numberAuditEvents } from "./audit-order.ts";
import { statement, type Database } from "./database.ts";
import { isUuid } from "./identifiers.ts";
import { fromColumns } from "./tables.ts";

type Commands = Pick<Ledger, "numberAuditEvents" | "auditEvents" | "auditPosition">;

/** $1: how many, $2: behind which position; `about` is one more condition. */
export const auditPageText = (about = ""): string => `
  select l.position, to_jsonb(e) as document
    from rekey.audit_leaves l join rekey.audit_events e on e.id = l.event
    where l.position > $2 ${about} order by l.position limit $1`;

const positionText = "select position from rekey.audit_leaves where event = $1::uuid";

/** The audit log in its order; who reads numbers first, so that nothing that was committed is told late. */
export const postgresAuditLog = (database: Database): Commands => ({
  numberAuditEvents: async () => await numberAuditEvents(database, "leave"),
  auditEvents: async ({ after = -1, limit, credential, case: id }) => {
    await numberWherePossible(database);
    const about = [
      ...(credential === undefined ? [] : [["l.credential = ", "", credential] as const]),
      ...(id === undefined ? [] : [["l.case_id = ", "::uuid", id] as const]),
    ];
    const conditions = about.map(([column, type], index) => `and ${column}$${index + 3}${type}`);
    const values = [limit, after, ...about.map(([, , value]) => value)];
    const rows = await statement<NumberedRow>(
      database,
      auditPageText(conditions.join(" ")),
      values,
    );
    return rows.map(({ position, document }) => ({
      ...auditEventOf(fromColumns("audit", document)),
      position,
    }));
  },
  auditPosition: async (id) => {
    if (!isUuid(id)) return undefined;
    await numberWherePossible(database);
    const [row] = await statement<{ position: number }>(database, positionText, [id]);
    return row?.position;
  },
});

interface NumberedRow {
  readonly position: number;
  readonly document: Record<string, unknown>;
}

/** Who cannot number, as another one does so for long or the disk is full, reads what is numbered: less, without a gap. */
const numberWherePossible = async (database: Database): Promise<void> => {
  await numberAuditEvents(database, "wait").catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
  });
};
