import pg from "pg";
import type { ClientConfig, Pool, PoolConfig } from "pg";
import type { Log } from "../logger/log.ts";
import { clientConfig } from "./connect.ts";
import type { PostgresAddress } from "./connect.ts";
import { columnParsers } from "./column-parsers.ts";
import { classify } from "./fault.ts";

export type PoolLimits = {
  readonly connectMs: number;
  /** The server ends a statement after this. */
  readonly statementMs: number;
  /** We stop waiting after this: longer than `statementMs`, for a connection that is half open. */
  readonly queryMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
  readonly idleMs: number;
};

export type PoolOptions = {
  readonly address: PostgresAddress;
  /** Shown in pg_stat_activity: `rekey-<process kind>-<purpose>`. */
  readonly applicationName: string;
  readonly log: Log;
  /** Connections at most; small, as every process has several pools. */
  readonly max?: number;
  readonly limits?: Partial<PoolLimits>;
  /**
   * Statements leave without waiting for the answer to the one before, and run in the order asked. Only for who
   * awaits every one, as those behind a failed one fail too.
   */
  readonly pipeline?: boolean;
};

const connectionsMax = 4;
const keepAliveAfterMs = 10_000;
const lifetimeSeconds = 3_600;

export const poolLimits: PoolLimits = {
  connectMs: 5_000,
  statementMs: 10_000,
  queryMs: 12_000,
  lockMs: 5_000,
  idleInTransactionMs: 10_000,
  idleMs: 30_000,
};

/** The one way to a pool: nothing on it waits without a limit, and a lost connection is an event, not a crash. */
export async function createPool(options: PoolOptions): Promise<Pool> {
  const config = {
    ...(await clientConfig(options.address)),
    ...limitsOf(options),
    pipeline: options.pipeline ?? false,
  };
  const Client = clientFor(options.address) as unknown as typeof pg.Client;
  const pool = new pg.Pool({ ...config, Client });
  // Without a listener an idle connection that breaks ends the process. Whoever asks next tells of an outage, once.
  pool.on("error", (error) => {
    const fault = classify(error, "connect");
    options.log.debug("idle database connection lost", {
      component: options.applicationName,
      error: fault ?? error,
    });
  });
  return pool;
}

function limitsOf(options: PoolOptions): PoolConfig {
  const limits = { ...poolLimits, ...options.limits };
  return {
    max: options.max ?? connectionsMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    query_timeout: limits.queryMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    idleTimeoutMillis: limits.idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    maxLifetimeSeconds: lifetimeSeconds,
    types: columnParsers,
  };
}

// pg-pool calls `new Client(options)` and `connect(callback)`. A login that was refused makes the
// next connection read its password again.
function clientFor(address: PostgresAddress): (config: ClientConfig) => pg.Client {
  return function createClient(config) {
    const client = new pg.Client(config);
    // While a connection is checked out the pool listens to nothing: without this its loss would
    // end the process. The statement that runs, or the next one, reports it.
    client.on("error", () => {});
    if (!("read" in address)) return client;
    const connect = client.connect.bind(client) as (callback: (error?: Error) => void) => void;
    const connectOrInvalidate = (callback: (error?: Error) => void): void =>
      connect((error) => {
        const fault = classify(error, "connect");
        if (fault?.code === "POSTGRES_UNAUTHENTICATED") address.invalidate();
        callback(error);
      });
    return Object.assign(client, { connect: connectOrInvalidate });
  };
}
