import { Fault, type Detail, type Ledger, type NewId } from "@rekey/domain";
import { createPool, type Log, type PoolLimits, type PostgresAddress } from "@rekey/runtime";
import { postgresAdmission } from "./admit.ts";
import { postgresAuditLog } from "./audit-log.ts";
import { postgresClaims } from "./claims.ts";
import { postgresClock } from "./clock.ts";
import { postgresConsumers } from "./consumers.ts";
import { statement, type Database } from "./database.ts";
import { postgresGates } from "./gates.ts";
import { postgresInventory } from "./inventory.ts";
import { postgresOutbox } from "./outbox.ts";
import { postgresPeppers } from "./peppers.ts";
import { postgresReads } from "./reads.ts";
import { postgresRecords } from "./records.ts";
import { isNeverMigrated, schemaState, type SchemaState } from "./schema-state.ts";
import { postgresStanding } from "./standing.ts";
import { postgresWorld } from "./world.ts";

export interface PostgresLedgerOptions {
  readonly connection: PostgresAddress;
  readonly newId: NewId;
  readonly build: string;
  readonly log: Log;
  /** Shown in pg_stat_activity: `rekey-<process kind>-ledger`. */
  readonly applicationName?: string;
  /** Connections at most. */
  readonly max?: number;
  readonly limits?: Partial<PoolLimits>;
}

export type PostgresLedger = Ledger & {
  /** What lies between this build and the schema that is there; also where there is none. */
  schema(): Promise<SchemaState>;
};

/** The ledger in PostgreSQL 15 or later; the schema is brought forward by `migrateLedger` before. */
export const openPostgresLedger = async (
  options: PostgresLedgerOptions,
): Promise<PostgresLedger> => {
  const { connection: address, applicationName = "rekey-ledger", log, max, limits } = options;
  const pool = await createPool({
    address,
    applicationName,
    log,
    pipeline: true,
    ...(max === undefined ? {} : { max }),
    ...(limits === undefined ? {} : { limits }),
  });
  const database: Database = { pool, newId: options.newId, build: options.build };
  return {
    ...postgresInventory(database),
    ...postgresConsumers(database),
    ...postgresAdmission(database),
    ...postgresClaims(database),
    ...postgresRecords(database),
    ...postgresGates(database),
    ...postgresOutbox(database),
    ...postgresClock(database),
    ...postgresStanding(database),
    ...postgresReads(database),
    ...postgresAuditLog(database),
    ...postgresWorld(database),
    ...postgresPeppers(database),
    schema: async () => await schemaState(database),
    check: () => check(database),
    close: async () => await pool.end(),
  };
};

const checkText = `
  select now() as now, current_setting('server_version') as version,
    (select system_identifier::text from pg_control_system()) as system,
    (select timeline_id from pg_control_checkpoint()) as timeline,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('synchronous_standby_names') as synchronous_standby_names,
    (select count(*) from pg_stat_replication) as replicas,
    (select behind from rekey.world) as behind,
    pg_is_in_recovery() as standby,
    (select count(*) from rekey.migrations) as migrations`;

type CheckRow = Detail & { readonly now: Date; readonly behind: string | null };

/** One real request, and what `doctor` shows of the server. */
const check = async (database: Database): ReturnType<Ledger["check"]> => {
  const [row] = await statement<CheckRow>(database, checkText, []).catch(refuseUnmigrated);
  const { now, behind, ...server } = row ?? { now: new Date(0), behind: null };
  return { now: now.getTime(), server, ...(behind === null ? {} : { behind }) };
};

const refuseUnmigrated = (error: unknown): never => {
  throw isNeverMigrated(error) ? new Fault("LEDGER_SCHEMA_OLD", { cause: error }) : error;
};
