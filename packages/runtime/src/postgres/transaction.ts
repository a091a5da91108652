import type { Pool, PoolClient } from "pg";
import { setTimeout as sleepMs } from "node:timers/promises";
import { classify, PostgresFault } from "./fault.ts";
import type { PostgresPhase } from "./fault.ts";
import { oneWrite } from "./one-write.ts";

export type TransactionOptions = {
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  readonly readOnly?: boolean;
  /** Tries in all, of a transaction that met another one (class 40). */
  readonly attemptsMax?: number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** On a pool that pipelines: `work` starts before BEGIN was answered, and writes nothing before it awaited that. */
  readonly eager?: boolean;
};

/**
 * Sends statements, all of them before it returns: what it sent later would run outside of the transaction. Where one
 * cannot be sent it throws, and COMMIT is not sent. What it makes of the answers fails after COMMIT, so it never does.
 */
type SendLast = () => readonly Promise<unknown>[];

/** Where in its transaction the work is. */
export interface TransactionTurn {
  /** Resolves when it is one. */
  readonly begun: Promise<void>;
  /** On a pool that pipelines: statements on whose answers the work does not depend leave together with COMMIT. */
  readonly last: (send: SendLast) => void;
}

type Work<Result> = (client: PoolClient, turn: TransactionTurn) => Promise<Result>;

const attemptsDefault = 5;
const firstDelayMs = 5;

/**
 * Runs `work` in one transaction. A conflict (class 40) is tried again, with jitter; `work` may
 * therefore run several times and does nothing but SQL. Failures of the database come as
 * PostgresFault; what `work` itself throws rolls back and passes unchanged.
 */
export async function withTransaction<Result>(
  pool: Pool,
  work: Work<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const { attemptsMax = attemptsDefault, random = Math.random, sleep = sleepMs } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(await checkOut(pool), work, options);
    } catch (error) {
      const conflict = error instanceof PostgresFault && error.code === "POSTGRES_CONFLICT";
      if (!conflict || attempt >= attemptsMax) throw error;
    }
    await sleep(firstDelayMs * 2 ** attempt * random());
  }
}

/** One statement on its own, with its failure classified: a lost connection means unknown. */
export async function classified<Result>(statement: Promise<Result>): Promise<Result> {
  return await statement.catch((error: unknown) => fail(error, "alone"));
}

async function checkOut(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    const fault = classify(error, "connect");
    // The pool has asked for the password again: a rotated one works at the second try.
    if (fault?.code !== "POSTGRES_UNAUTHENTICATED") throw fault ?? error;
    return await pool.connect().catch((again: unknown) => fail(again, "connect"));
  }
}

interface Started<Result> {
  readonly begun: Promise<void>;
  readonly working: Promise<Result>;
}

async function runOnce<Result>(
  client: PoolClient,
  work: Work<Result>,
  options: TransactionOptions,
): Promise<Result> {
  let phase: PostgresPhase = "work";
  let sendLast: SendLast = () => [];
  const start = (): Started<Result> => {
    const begun = client.query(beginning(options)).then(() => undefined);
    // Whoever awaits it learns of a failure; here it only must not end the process before that.
    begun.catch(() => undefined);
    const turn: TransactionTurn = { begun, last: (send) => void (sendLast = send) };
    const working =
      options.eager === true ? work(client, turn) : begun.then(() => work(client, turn));
    return { begun, working };
  };
  try {
    const { begun, working } = oneWrite(client, start);
    const result = await working;
    await begun;
    phase = "commit";
    await commit(client, sendLast);
    client.release();
    return result;
  } catch (error) {
    await leave(client, error);
    return fail(error, phase);
  }
}

// The server runs what is sent together in order: where a last statement failed, COMMIT rolls back.
async function commit(client: PoolClient, sendLast: SendLast): Promise<void> {
  const sent = oneWrite(client, () => ({ last: sendLast(), committing: client.query("commit") }));
  await Promise.all([...sent.last, sent.committing]);
  const { command } = await sent.committing;
  // A transaction in which a caught statement had failed answers COMMIT with ROLLBACK.
  if (command !== "COMMIT") throw swallowed();
}

// A connection whose state is in doubt is not given back.
async function leave(client: PoolClient, error: unknown): Promise<void> {
  const fault = classify(error, "work");
  const answered = fault?.sqlState !== undefined && fault.code !== "POSTGRES_UNAVAILABLE";
  if (fault !== undefined && !answered) return client.release(true);
  const rolledBack = await client.query("rollback").then(
    () => true,
    () => false,
  );
  client.release(!rolledBack);
}

function beginning({ isolation = "read committed", readOnly = false }: TransactionOptions): string {
  return `begin isolation level ${isolation}${readOnly ? " read only" : ""}`;
}

function fail(error: unknown, phase: PostgresPhase): never {
  throw classify(error, phase) ?? error;
}

function swallowed(): PostgresFault {
  const cause = new TypeError("work caught the failure of a statement and went on");
  return new PostgresFault("POSTGRES_UNEXPECTED", { cause });
}
