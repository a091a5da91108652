export { migratePostgresJobs } from "./postgres/migrate.ts";
export { openPostgresDispatcher } from "./postgres/open.ts";
export type { PostgresDispatcherOptions } from "./postgres/open.ts";
export type { JobsPace } from "./pace.ts";
