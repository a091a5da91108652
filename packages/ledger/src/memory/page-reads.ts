import type { Ledger, Page } from "@rekey/domain";
import { auditEventOf } from "../commands/audit.ts";
import { byFingerprint } from "../commands/match-signal.ts";
import { caseView, credentialView, signalRowOf } from "../commands/read-views.ts";
import { identityById } from "../commands/views.ts";
import { caseOf, rotationOf } from "../rows/rows.ts";
import type { StateStore } from "./store.ts";

type InventoryReads = Pick<Ledger, "credentials" | "credential" | "identity" | "knownFingerprint">;
type SagaReads = Pick<Ledger, "cases" | "case" | "rotation" | "debt">;
type JournalReads = Pick<
  Ledger,
  "signals" | "signal" | "numberAuditEvents" | "auditEvents" | "auditPosition"
>;

type Identified = { readonly id: string };

/** Rows after the cursor in ascending (or descending) order of their ids. */
const page = <Row extends Identified>(
  rows: readonly Row[],
  { after, limit }: Page,
  newestFirst = false,
): readonly Row[] => {
  const sign = newestFirst ? -1 : 1;
  const compare = (left: string, right: string): number => (left < right ? -sign : sign);
  return rows
    .filter((row) => after === undefined || (row.id !== after && compare(after, row.id) < 0))
    .sort((left, right) => compare(left.id, right.id))
    .slice(0, limit);
};

/** Everything that is only looked at. Cases and signals come newest first, all else oldest first. */
export const memoryReads = (store: StateStore): InventoryReads & SagaReads & JournalReads => ({
  ...inventoryReads(store),
  ...sagaReads(store),
  ...journalReads(store),
});

const inventoryReads = ({ ask }: StateStore): InventoryReads => ({
  credentials: (request) =>
    ask((draft) => {
      const { environment, identity } = request;
      const rows = draft
        .rows("credentials")
        .filter((row) => environment === undefined || row.environment === environment)
        .filter((row) => identity === undefined || row.identity === identity);
      return page(rows, request).flatMap((row) => credentialView(draft, row.id) ?? []);
    }),
  credential: (id) => ask((draft) => credentialView(draft, id)),
  identity: (id) => ask((draft) => identityById(draft, id)),
  knownFingerprint: (fingerprints) =>
    ask((draft) => {
      for (const fingerprint of fingerprints) {
        const found = byFingerprint(draft, fingerprint);
        if (found !== undefined) return found;
      }
      return undefined;
    }),
});

const sagaReads = ({ ask }: StateStore): SagaReads => ({
  cases: (request) =>
    ask((draft) => {
      const rows = draft
        .rows("cases")
        .filter(
          (row) => request.open === undefined || request.open === (row.state.at !== "closed"),
        );
      return page(rows, request, true).map(caseOf);
    }),
  case: (id) =>
    ask((draft) => {
      const row = draft.get("cases", id);
      return row && caseView(draft, row);
    }),
  rotation: (id) =>
    ask((draft) => {
      const row = draft.get("rotations", id);
      if (row === undefined) return undefined;
      const effects = draft
        .rows("effects")
        .filter((effect) => effect.rotation === id)
        .sort((left, right) => left.attempt - right.attempt || (left.step < right.step ? -1 : 1));
      return { rotation: rotationOf(row), effects };
    }),
  debt: (request) =>
    ask((draft) =>
      page(
        draft.rows("obligations").filter((owed) => owed.settledAt === undefined),
        request,
      ),
    ),
});

const journalReads = ({ ask }: StateStore): JournalReads => ({
  signals: (request) =>
    ask((draft) => {
      const rows = draft.rows("signals").filter((row) => request.outcomes.includes(row.outcome));
      return page(rows, request, true).map(signalRowOf);
    }),
  signal: (id) =>
    ask((draft) => {
      const row = draft.get("signals", id);
      return row && signalRowOf(row);
    }),
  // One command at a time: rows stand in the order of their commits.
  numberAuditEvents: () => ask(() => 0),
  auditEvents: ({ after = -1, limit, credential, case: about }) =>
    ask((draft) =>
      draft
        .rows("audit")
        .map((row, position) => ({ row, position }))
        .slice(after + 1)
        .filter(({ row }) => credential === undefined || row.credential === credential)
        .filter(({ row }) => about === undefined || row.case === about)
        .slice(0, limit)
        .map(({ row, position }) => ({ ...auditEventOf(row), position })),
    ),
  auditPosition: (id) =>
    ask((draft) => {
      const position = draft.rows("audit").findIndex((row) => row.id === id);
      return position < 0 ? undefined : position;
    }),
});
