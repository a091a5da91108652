import { DatabaseError } from "pg";

export const postgresCodes = {
  POSTGRES_CONFLICT: "the transaction met another one and may be tried again",
  POSTGRES_UNAVAILABLE: "the database does not answer or is starting or stopping",
  POSTGRES_TIMEOUT: "the database did not answer within the limit",
  POSTGRES_DATA: "the database refused a value",
  POSTGRES_CONSTRAINT: "the database refused a change that breaks a constraint",
  POSTGRES_UNAUTHENTICATED: "the database refused the login",
  POSTGRES_DENIED: "the database login lacks a privilege",
  POSTGRES_UNKNOWN_OUTCOME: "the connection was lost during commit: read what was written",
  POSTGRES_UNEXPECTED: "the database refused the statement",
} as const;

export type PostgresCode = keyof typeof postgresCodes;

/** `connect`: nothing was sent. `work`: inside a transaction. `alone`, `commit`: the change may have happened. */
export type PostgresPhase = "connect" | "work" | "alone" | "commit";

type PostgresDetails = {
  readonly sqlState?: string | undefined;
  readonly constraint?: string | undefined;
  readonly cause: unknown;
};

/**
 * Every failure of the database, classified. The message is public and constant: PostgreSQL's own
 * messages quote the values that were refused, so they stay in `cause` and out of every log.
 */
export class PostgresFault extends Error {
  readonly code: PostgresCode;
  readonly sqlState: string | undefined;
  /** Name of the violated constraint, for a refusal that the schema decides. */
  readonly constraint: string | undefined;
  /** The same work may succeed later without a change. */
  readonly retriable: boolean;
  /** The effect may have happened: re-read by the unique key that was written. */
  readonly unknownOutcome: boolean;
  readonly publicText: string;

  constructor(code: PostgresCode, details: PostgresDetails) {
    super(postgresCodes[code], { cause: details.cause });
    this.name = "PostgresFault";
    this.code = code;
    this.publicText = postgresCodes[code];
    this.sqlState = details.sqlState;
    this.constraint = details.constraint;
    this.unknownOutcome = code === "POSTGRES_UNKNOWN_OUTCOME";
    this.retriable = retriable.has(code);
  }
}

const retriable = new Set<PostgresCode>([
  "POSTGRES_CONFLICT",
  "POSTGRES_UNAVAILABLE",
  "POSTGRES_TIMEOUT",
]);

// PostgreSQL's appendix A. The longest prefix wins.
const codesBySqlState: Readonly<Record<string, PostgresCode>> = {
  "08": "POSTGRES_UNAVAILABLE",
  "22": "POSTGRES_DATA",
  "23": "POSTGRES_CONSTRAINT",
  // After a failover the old primary may answer as a read-only standby.
  "25006": "POSTGRES_UNAVAILABLE",
  "25P03": "POSTGRES_TIMEOUT",
  "28": "POSTGRES_UNAUTHENTICATED",
  "40": "POSTGRES_CONFLICT",
  "40003": "POSTGRES_UNKNOWN_OUTCOME",
  "42501": "POSTGRES_DENIED",
  "53": "POSTGRES_UNAVAILABLE",
  "55P03": "POSTGRES_TIMEOUT",
  "57014": "POSTGRES_TIMEOUT",
  "57P": "POSTGRES_UNAVAILABLE",
};

const connectionLost = /^(08|25P03|57P0)/;

// What pg says without a SQLSTATE; read in pg 8.23 and pg-pool.
const timeoutMessages = /^(Query read timeout)$/;
const lostMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;
// Also what Node says of a certificate: https://nodejs.org/api/tls.html#x509-certificate-error-codes
const networkCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_|ADDR)|ERR_(SSL|TLS|STREAM|SOCKET))/;

/** Undefined for what is not a failure of the database: the caller's own errors pass unchanged. */
export function classify(cause: unknown, phase: PostgresPhase): PostgresFault | undefined {
  if (cause instanceof PostgresFault) return cause;
  if (!(cause instanceof Error)) return undefined;
  const sqlState = cause instanceof DatabaseError ? cause.code : undefined;
  const code = sqlState === undefined ? codeOfConnection(cause) : codeOf(sqlState);
  if (code === undefined) return undefined;
  const constraint = cause instanceof DatabaseError ? cause.constraint : undefined;
  const unknown = isUnknown(phase, sqlState);
  return new PostgresFault(unknown ? "POSTGRES_UNKNOWN_OUTCOME" : code, {
    sqlState,
    constraint,
    cause,
  });
}

function codeOf(sqlState: string): PostgresCode {
  for (const length of [5, 3, 2]) {
    const code = codesBySqlState[sqlState.slice(0, length)];
    if (code !== undefined) return code;
  }
  return "POSTGRES_UNEXPECTED";
}

function codeOfConnection(cause: Error): PostgresCode | undefined {
  if (timeoutMessages.test(cause.message)) return "POSTGRES_TIMEOUT";
  if (lostMessages.test(cause.message)) return "POSTGRES_UNAVAILABLE";
  const { code } = cause as NodeJS.ErrnoException;
  return typeof code === "string" && networkCodes.test(code) ? "POSTGRES_UNAVAILABLE" : undefined;
}

// An answer of the server that is not the end of the connection says that nothing was done.
function isUnknown(phase: PostgresPhase, sqlState: string | undefined): boolean {
  if (phase === "connect" || phase === "work") return false;
  return sqlState === undefined || connectionLost.test(sqlState);
}
