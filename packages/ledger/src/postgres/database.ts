import { Assertion, Fault, type NewId } from "@rekey/domain";
import { classified, PostgresFault, withTransaction, type TransactionTurn } from "@rekey/runtime";
import type { Pool, PoolClient } from "pg";
import { draftOf, type Draft, type Tables } from "../rows/draft.ts";
import { loadRows, type Selection } from "./load.ts";
import { prepared } from "./prepared.ts";
import { writeChanges } from "./write.ts";

export interface Database {
  readonly pool: Pool;
  readonly newId: NewId;
  readonly build: string;
}

/** The client of one open transaction, and drafts over what it loads. */
export interface Transaction {
  readonly client: PoolClient;
  /** Loads rows and makes a draft of them, at PostgreSQL's own time. */
  readonly draft: (selection: Selection, parameters: readonly unknown[]) => Promise<Draft>;
  /** Writes what commands put into a draft. */
  readonly write: (draft: Draft) => Promise<void>;
}

/** One command: one transaction in which nothing but SQL is awaited. Conflicts are tried again as a whole. */
export const transact = async <Answer>(
  database: Database,
  work: (transaction: Transaction) => Promise<Answer>,
): Promise<Answer> =>
  await faulted(withTransaction(database.pool, (client) => work(transactionOf(database, client))));

/**
 * The same for work whose first statements only lock and read: they leave together with BEGIN. It awaits `begun`
 * before it writes anything.
 */
export const transactEagerly = async <Answer>(
  database: Database,
  work: (transaction: Transaction, begun: Promise<void>, last: Last) => Promise<Answer>,
): Promise<Answer> =>
  await faulted(
    withTransaction(
      database.pool,
      (client, { begun, last }) => work(transactionOf(database, client), begun, last),
      { eager: true },
    ),
  );

/** Takes what is to be sent together with COMMIT. */
export type Last = TransactionTurn["last"];

const transactionOf = (database: Database, client: PoolClient): Transaction => ({
  client,
  draft: async (selection, parameters) => {
    const { now, tables } = await loadRows(client, selection, parameters);
    return draftAt(database, now, tables);
  },
  write: async (draft) => await writeChanges(client, draft.changes()),
});

/** One statement that only reads, and a draft over what it found. */
export const look = async (
  database: Database,
  selection: Selection,
  parameters: readonly unknown[],
): Promise<Draft> => {
  const { now, tables } = await faulted(classified(loadRows(database.pool, selection, parameters)));
  return draftAt(database, now, tables);
};

export const draftAt = (
  { newId, build }: Pick<Database, "newId" | "build">,
  now: number,
  tables: Tables,
): Draft => {
  // PostgreSQL gives the real ones; these only keep rows of one draft apart.
  let sequence = 0;
  return draftOf(tables, { now, newId, build, nextSequence: () => --sequence });
};

/** One statement on its own, with its failures as the engine knows them. */
export const statement = async <Row>(
  database: Pick<Database, "pool">,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> => {
  const result = await faulted(classified(prepared(database.pool, text, parameters)));
  return result.rows as Row[];
};

const faulted = async <Answer>(work: Promise<Answer>): Promise<Answer> =>
  await work.catch((error: unknown) => {
    throw translated(error);
  });

const ours: ReadonlySet<string> = new Set([
  "POSTGRES_DATA",
  "POSTGRES_CONSTRAINT",
  "POSTGRES_UNEXPECTED",
]);

/** A value that PostgreSQL refuses is our bug; everything else means that the ledger does not answer. */
export const translated = (error: unknown): unknown => {
  if (!(error instanceof PostgresFault)) return error;
  if (ours.has(error.code)) return new RefusedByLedger(error);
  return new Fault("LEDGER_UNREACHABLE", {
    unknownOutcome: error.unknownOutcome,
    ...(error.sqlState === undefined ? {} : { providerCode: error.sqlState }),
    cause: error,
  });
};

/** An Assertion that keeps which SQLSTATE and constraint refused; intake looks for the one signal behind it. */
export class RefusedByLedger extends Assertion {
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
  constructor(fault: PostgresFault) {
    super(`the ledger refused a value: ${fault.sqlState ?? fault.code} ${fault.constraint ?? ""}`);
    this.name = "RefusedByLedger";
    this.sqlState = fault.sqlState;
    this.constraint = fault.constraint;
    this.cause = fault;
  }
}
