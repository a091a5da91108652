import { isLoopback } from "@rekey/domain";
import type { Call } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { Client, DatabaseError, Pool } from "pg";
import type { ClientConfig, PoolClient } from "pg";
import type { LoginRefusal, LoginRequest } from "./client.ts";
import { deadlineOf } from "./deadline.ts";
import type { Deadline } from "./deadline.ts";
import { ServerFailure } from "./failure.ts";

const connectionsMax = 4;
const connectMsMax = 5_000;
const queryMsMax = 30_000;
const lockMsMax = 5_000;
const idleTransactionMsMax = 10_000;
const idleConnectionMs = 30_000;

/** TLS towards the server; absent means plain TCP. */
export interface Tls {
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** Host name in the certificate, where it is not the one connected to. */
  readonly serverName?: string | undefined;
}

export interface AdminConnection {
  /** `postgres://user:password@host:port/database`, without query parameters. */
  readonly dsn: Secret;
  readonly tls?: Tls | undefined;
}

type Rows = readonly Record<string, unknown>[];
/** One statement, or several separated by semicolons where there are no values; answers the last one's rows. */
type Query = (text: string, values?: readonly unknown[]) => Promise<Rows>;
export type Session = { readonly query: Query; readonly remainingMs: () => number };

/** Rekey's own connection. Every use ends with its call; a connection that failed in any way is thrown away. */
export interface Admin {
  use<Value>(call: Call, work: (session: Session) => Promise<Value>): Promise<Value>;
  /** A connection of its own to another database of the same server. */
  useIn<Value>(
    database: string,
    call: Call,
    work: (session: Session) => Promise<Value>,
  ): Promise<Value>;
  close(): Promise<void>;
}

/** The problem in words, or undefined for a DSN that can be used; never quotes it. */
export function dsnProblem(dsn: Secret): string | undefined {
  const url = URL.canParse(dsn.reveal()) ? new URL(dsn.reveal()) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol))
    return "must be a URL postgres://user:password@host:port/database";
  if (url.search !== "" || url.hash !== "") return "must have no query parameters";
  if (url.username === "" || url.pathname.length < 2) return "must name a user and a database";
  if (hostOf(url) === undefined) return "must name a host that can be decoded";
  return undefined;
}

/**
 * Where pg connects to, and what is judged: decoded, as a Unix socket's folder is `%2Fvar%2Frun%2Fpostgresql` in a URL, and
 * an IPv6 address without brackets. Undefined where it cannot be decoded.
 */
function hostOf({ hostname }: URL): string | undefined {
  try {
    return decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1");
  } catch {
    return undefined;
  }
}

/** True for a host that passwords may go to in the clear: a Unix socket, or an address of this machine alone. */
export const isLocalHost = (host: string): boolean =>
  host.startsWith("/") || isLoopback(host.toLowerCase());

/** Whether the DSN leads to such a host. */
export const isLocalDsn = (dsn: Secret): boolean =>
  isLocalHost(hostOf(new URL(dsn.reveal())) ?? "");

export function connectAdmin(options: AdminConnection): Admin {
  const settings = adminConfig(options);
  const pool = new Pool({ ...settings, max: connectionsMax, idleTimeoutMillis: idleConnectionMs });
  // An idle connection that dies leaves the pool; whoever needs one next sees the failure itself.
  pool.on("error", () => undefined);
  // One that dies while it is in use says so on the client, which the pool does not listen to then.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    use: (call, work) => usePooled(pool, call, work),
    useIn: (database, call, work) => useOwn({ ...settings, database }, call, work),
    close: () => pool.end(),
  };
}

function adminConfig({ dsn, tls }: AdminConnection): ClientConfig {
  const url = new URL(dsn.reveal());
  return {
    user: decodeURIComponent(url.username),
    // A function, so that the pool's options, which pg prints, do not hold it.
    password: () => decodeURIComponent(new URL(dsn.reveal()).password),
    host: hostOf(url),
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: tlsConfig(tls),
    application_name: "rekey",
    connectionTimeoutMillis: connectMsMax,
    query_timeout: queryMsMax,
    statement_timeout: queryMsMax,
    lock_timeout: lockMsMax,
    idle_in_transaction_session_timeout: idleTransactionMsMax,
    keepAlive: true,
  };
}

function tlsConfig(tls: Tls | undefined): ClientConfig["ssl"] {
  if (tls === undefined) return false;
  return {
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

async function usePooled<Value>(
  pool: Pool,
  call: Call,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const deadline = deadlineOf(call);
  const connecting = pool.connect();
  let client: PoolClient | undefined;
  let failed = true;
  try {
    client = await deadline.race(connecting, false).catch(rethrow(false));
    const value = await work(sessionOf(client, deadline));
    failed = false;
    return value;
  } finally {
    deadline.clear();
    if (client !== undefined) client.release(failed);
    else
      connecting.then(
        (late) => late.release(true),
        () => undefined,
      );
  }
}

async function useOwn<Value>(
  config: ClientConfig,
  call: Call,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const deadline = deadlineOf(call);
  const client = new Client(config);
  client.on("error", () => undefined);
  try {
    await deadline.race(client.connect(), false).catch(rethrow(false));
    return await work(sessionOf(client, deadline));
  } finally {
    deadline.clear();
    await ended(client);
  }
}

function sessionOf(client: Pick<Client, "query">, deadline: Deadline): Session {
  const query: Query = async (text, values) => {
    const answer = await deadline
      .race(values === undefined ? client.query(text) : client.query(text, [...values]), true)
      .catch(rethrow(true));
    // Several statements in one text answer an array, which pg's types do not tell.
    const last = [answer].flat().at(-1);
    return (last?.rows ?? []) as Rows;
  };
  return { query, remainingMs: () => deadline.remainingMs() };
}

// The server's words, all XX000 and never translated, for a catalog row that another session changed or
// removed in the middle of a statement; the statement did nothing.
const metAnother =
  /^(tuple concurrently (updated|deleted)|cache lookup failed for |could not find tuple for )/;

const rethrow =
  (sent: boolean) =>
  (error: unknown): never => {
    if (error instanceof ServerFailure) throw error;
    throw new ServerFailure({
      code: codeOf(error),
      sent,
      concurrent: error instanceof DatabaseError && metAnother.test(error.message),
    });
  };

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string") return code;
  if (error instanceof Error && /timeout/i.test(error.message)) return "deadline";
  return "connection-lost";
}

const closeMsMax = 1_000;

/** Says goodbye, and waits a bounded time: a half-open socket never acknowledges it. */
export async function ended(client: Client): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, closeMsMax);
  await Promise.race([client.end().catch(() => undefined), late.promise]);
  clearTimeout(timer);
}

/** A real login and nothing else; undefined when it was accepted. */
export async function tryLogin(
  request: LoginRequest,
  call: Call,
  tls: Tls | undefined,
): Promise<LoginRefusal | undefined> {
  const deadline = deadlineOf(call);
  const client = loginClient(request, call, tls);
  try {
    await deadline.race(client.connect(), true);
    return undefined;
  } catch (error) {
    return refusalOf(error);
  } finally {
    deadline.clear();
    await ended(client);
  }
}

/** Not connected yet. Its connection ends within the call's deadline, whatever the server does. */
export function loginClient(request: LoginRequest, call: Call, tls: Tls | undefined): Client {
  const { password, ...address } = request;
  const client = new Client({
    ...address,
    password: password.reveal(),
    ssl: tlsConfig(tls),
    application_name: "rekey-probe",
    connectionTimeoutMillis: Math.min(connectMsMax, call.deadlineMs),
  });
  client.on("error", () => undefined);
  return client;
}

/** What a login was answered, in codes. */
export function refusalOf(error: unknown): LoginRefusal {
  if (error instanceof ServerFailure) return { code: error.code, message: "", routine: undefined };
  if (!(error instanceof DatabaseError))
    return { code: codeOf(error), message: "", routine: undefined };
  return { code: error.code ?? "unknown", message: error.message, routine: error.routine };
}
