import { fixedSource, newId, silentLog } from "@rekey/runtime";
import { freshDatabase, templateDatabase, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { openPostgresLedger, type PostgresLedger, type PostgresLedgerOptions } from "./ledger.ts";
import { migrateLedger } from "./migrate.ts";

/** A clone of the migrated ledger. */
export const freshLedger = async (): Promise<FreshDatabase> =>
  await freshDatabase(
    await templateDatabase("ledger", async (url) => {
      await migrateLedger({ connection: fixedSource(url), log: silentLog });
    }),
  );

// What waits for a lock in a test waits for the test, which a busy machine makes slow.
const patient = {
  connectMs: 30_000,
  lockMs: 30_000,
  statementMs: 40_000,
  queryMs: 45_000,
  idleInTransactionMs: 40_000,
};

export const openOn = async (
  database: FreshDatabase,
  given: Partial<PostgresLedgerOptions> = {},
): Promise<PostgresLedger> =>
  await openPostgresLedger({
    connection: fixedSource(database.url),
    newId,
    build: "test",
    log: silentLog,
    ...given,
    limits: { ...patient, ...given.limits },
  });

/** One statement beside the ledger, as an operator would give it. */
export const ask = async <Row>(
  database: FreshDatabase,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(text, [...parameters])).rows as Row[];
  } finally {
    await client.end();
  }
};

/** Sessions on this database that wait for a lock: other tests have theirs on the same server. */
export const waitingText = `select distinct pid from pg_locks
  where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`;

// A DO block takes no parameters: the number is put into its text.
const elapseText = (milliseconds: number): string => `
  do $$ declare statement text; begin
    for statement in
      select format('update rekey.%I set %s', c.table_name,
          string_agg(format('%1$I = %1$I - interval ''${Math.trunc(milliseconds)} milliseconds''', c.column_name), ', '))
        from information_schema.columns c
        where c.table_schema = 'rekey' and c.data_type = 'timestamp with time zone'
        group by c.table_name
    loop execute statement; end loop;
  end $$`;

/** Time cannot be moved on in PostgreSQL, so everything recorded is moved back. */
export const elapseIn = async (database: FreshDatabase, milliseconds: number): Promise<void> => {
  await ask(database, elapseText(milliseconds));
};
