export { openMemoryLedger, type MemoryLedger } from "./memory/ledger.ts";
export type { MemoryOptions } from "./memory/store.ts";
