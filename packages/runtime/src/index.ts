export { startEmbeddedPostgres } from "./embedded-postgres/start.ts";
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres/start.ts";
export { clientSettings, connectionUrl } from "./embedded-postgres/connect.ts";
export type { ConnectionInfo } from "./embedded-postgres/connect.ts";
export { EmbeddedPostgresFault } from "./embedded-postgres/fault.ts";
export type { EmbeddedPostgresCode } from "./embedded-postgres/fault.ts";
export { silentLog } from "./logger/silent-log.ts";
export { fieldNames } from "./logger/fields.ts";
export type { Log, LogFieldName, LogFields, LogFieldValue } from "./logger/log.ts";
