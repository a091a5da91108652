export { memoryLedgerOf, openMemoryLedger, type MemoryLedger } from "./memory/ledger.ts";
export type { MemoryOptions } from "./memory/store.ts";
export type { LedgerState } from "./memory/state.ts";
export {
  openPostgresLedger,
  type PostgresLedger,
  type PostgresLedgerOptions,
} from "./postgres/ledger.ts";
export type { SchemaState } from "./postgres/schema-state.ts";
export { grantLedger } from "./postgres/grant.ts";
export { migrateLedger } from "./postgres/migrate.ts";
