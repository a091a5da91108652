export { startEmbeddedPostgres, stopOrphan } from "./embedded-postgres/start.ts";
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres/start.ts";
export { EmbeddedPostgresFault } from "./embedded-postgres/fault.ts";
export type { EmbeddedPostgresCode } from "./embedded-postgres/fault.ts";
export { silentLog } from "./logger/silent-log.ts";
export { fieldNames } from "./logger/fields.ts";
export type { Log, LogFieldName, LogFields, LogFieldValue } from "./logger/log.ts";
export { clientConfig, connectionUrl, fixedSource, plaintextProblem } from "./postgres/connect.ts";
export type { ConnectionParts, PostgresAddress } from "./postgres/connect.ts";
export { createPool, poolLimits } from "./postgres/pool.ts";
export type { PoolLimits, PoolOptions } from "./postgres/pool.ts";
export { classify, PostgresFault, postgresCodes } from "./postgres/fault.ts";
export type { PostgresCode, PostgresPhase } from "./postgres/fault.ts";
export { classified, withTransaction } from "./postgres/transaction.ts";
export type { TransactionOptions, TransactionTurn } from "./postgres/transaction.ts";
export type { SecretSource } from "./secrets/secret-source.ts";
export { createOutage } from "./logger/outage.ts";
export type { Outage } from "./logger/outage.ts";
export { createLog } from "./logger/logger.ts";
export type { LogLevel, LogOptions } from "./logger/logger.ts";
export { describeError } from "./logger/describe-error.ts";
export type { ErrorDescription } from "./logger/describe-error.ts";
export { createBell } from "./clock/bell.ts";
export type { Bell } from "./clock/bell.ts";
export { newId } from "./clock/new-id.ts";
export { systemClock } from "./clock/system-clock.ts";
export type { WallClock } from "./clock/system-clock.ts";
export { settledWithin, withinLimit } from "./clock/within.ts";
export { ConfigFault } from "./config/fault.ts";
export type { ConfigProblem } from "./config/fault.ts";
export { loadConfig, parseConfig } from "./config/parse-config.ts";
export type { ConfigSources } from "./config/parse-config.ts";
export { schemaProblems } from "./config/schema-problems.ts";
export { configReference } from "./config/config-reference.ts";
export type { ConfigReferenceRow } from "./config/config-reference.ts";
export { fileVariable } from "./config/environment.ts";
export type { Environment } from "./config/environment.ts";
export { targetVariables, withoutTargets } from "./config/target-variables.ts";
export { duration, parseReference, secretReference, size, withDefault } from "./config/settings.ts";
export type { SecretReference } from "./config/settings.ts";
export { createSecretSources } from "./secrets/secret-sources.ts";
export type { SecretSourcesOptions } from "./secrets/secret-sources.ts";
export { SecretFault } from "./secrets/fault.ts";
export { createShutdown } from "./lifecycle/shutdown.ts";
export type { Shutdown, ShutdownOptions, StoppableProcess } from "./lifecycle/shutdown.ts";
export { exhaustedExitCode, superviseLoop } from "./lifecycle/loops.ts";
export type { LoopOptions } from "./lifecycle/loops.ts";
export { createHealth } from "./health/health.ts";
export type {
  CheckReport,
  Health,
  HealthCheck,
  HealthDetail,
  HealthKind,
  HealthReport,
} from "./health/health.ts";
export { startOperationsServer } from "./health/operations-server.ts";
export type { OperationsServer } from "./health/operations-server.ts";
export { createMetrics } from "./metrics/metrics.ts";
export type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  LabelSets,
  LabelValues,
  Metrics,
} from "./metrics/metrics.ts";
