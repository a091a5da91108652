export { migratePostgresJobs } from "./postgres/migrate.ts";
export { openPostgresDispatcher } from "./postgres/open.ts";
export type { PostgresDispatcherOptions } from "./postgres/open.ts";
export type { JobsPace } from "./pace.ts";
export { createMemoryJobs } from "./memory/jobs.ts";
export type { MemoryDispatcher, MemoryJobs } from "./memory/jobs.ts";
