import type { Ledger, Page } from "@rekey/domain";
import { byFingerprint } from "../commands/match-signal.ts";
import { caseView, credentialView, signalRowOf } from "../commands/read-views.ts";
import { identityById } from "../commands/views.ts";
import { caseOf, rotationOf } from "../rows/rows.ts";
import { look, type Database } from "./database.ts";
import { isUuid } from "./identifiers.ts";
import { rowsOf, type Condition } from "./pages.ts";
import { scope } from "./scope.ts";
import { caseViewSelection, credentialViewSelection } from "./selections.ts";

type InventoryReads = Pick<
  Ledger,
  "credentials" | "credential" | "identity" | "knownFingerprint" | "scope"
>;
type SagaReads = Pick<Ledger, "cases" | "case" | "rotation" | "debt">;
type JournalReads = Pick<Ledger, "signals" | "signal">;

const older = ({ after }: Page): Condition => [(value) => `t.id < ${value}::uuid`, after];
const newer = ({ after }: Page): Condition => [(value) => `t.id > ${value}::uuid`, after];

/** Everything that is only looked at. Cases and signals come newest first, all else oldest first. */
export const postgresReads = (database: Database): InventoryReads & SagaReads & JournalReads => ({
  ...inventoryReads(database),
  ...sagaReads(database),
  ...journalReads(database),
});

const knownText = `(t.credential, t.number) in (
  select f.credential, f.version from rekey.version_fingerprints f
    join jsonb_to_recordset($1::jsonb) as l(scheme text, value text) using (scheme, value))`;

const inventoryReads = (database: Database): InventoryReads => ({
  credentials: async (page) => {
    const rows = await rowsOf(database, {
      table: "credentials",
      where: [
        [(value) => `t.id > ${value}`, page.after],
        [(value) => `t.environment = ${value}`, page.environment],
        [(value) => `t.identity = ${value}`, page.identity],
      ],
      order: "t.id",
      limit: page.limit,
    });
    const ids = rows.map((row) => row.id);
    const draft = await look(database, credentialViewSelection, [ids]);
    return ids.flatMap((id) => credentialView(draft, id) ?? []);
  },
  credential: async (id) =>
    credentialView(await look(database, credentialViewSelection, [[id]]), id),
  identity: async (id) => identityById(await look(database, { identities: "t.id = $1" }, [id]), id),
  knownFingerprint: async (fingerprints) => {
    const draft = await look(database, { versions: knownText }, [JSON.stringify(fingerprints)]);
    for (const fingerprint of fingerprints) {
      const found = byFingerprint(draft, fingerprint);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  scope: (query) => scope(database, query),
});

// Two texts, not one with a parameter: a plan that was made for either would walk all closed cases to find the open.
const openOnly = "t.state <> 'closed'";
const closedOnly = "t.state = 'closed'";

const sagaReads = (database: Database): SagaReads => ({
  cases: async (page) => {
    const rows = await rowsOf(database, {
      table: "cases",
      ...(page.open !== undefined && { always: page.open ? openOnly : closedOnly }),
      where: [older(page)],
      order: "t.id desc",
      limit: page.limit,
    });
    return rows.map(caseOf);
  },
  case: async (id) => {
    if (!isUuid(id)) return undefined;
    const draft = await look(database, caseViewSelection, [id]);
    const row = draft.get("cases", id);
    return row && caseView(draft, row);
  },
  rotation: async (id) => {
    if (!isUuid(id)) return undefined;
    const draft = await look(database, { rotations: "t.id = $1", effects: "t.rotation = $1" }, [
      id,
    ]);
    const row = draft.get("rotations", id);
    if (row === undefined) return undefined;
    const effects = [...draft.rows("effects")].sort(
      (left, right) => left.attempt - right.attempt || (left.step < right.step ? -1 : 1),
    );
    return { rotation: rotationOf(row), effects };
  },
  debt: (page) =>
    rowsOf(database, {
      table: "obligations",
      always: "t.settled_at is null",
      where: [newer(page)],
      order: "t.id",
      limit: page.limit,
    }),
});

const journalReads = (database: Database): JournalReads => ({
  signals: async (page) => {
    const outcomes: Condition = [(value) => `t.outcome = any(${value}::text[])`, page.outcomes];
    const where = [older(page), outcomes];
    const rows = await rowsOf(database, {
      table: "signals",
      where,
      order: "t.id desc",
      limit: page.limit,
    });
    return rows.map(signalRowOf);
  },
  signal: async (id) => {
    if (!isUuid(id)) return undefined;
    const row = (await look(database, { signals: "t.id = $1" }, [id])).get("signals", id);
    return row && signalRowOf(row);
  },
});
