import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Call, Clock } from "@rekey/domain";
import { requireWritableDirectory } from "./files.ts";
import { fileFault, storeFault } from "./faults.ts";

/** Longest wait for another writer; the call's own deadline may be shorter. */
const waitMsMax = 5_000;
const pollMs = 10;
/** https://sqlite.org/rescode.html */
const sqlite = { busy: 5, readOnly: 8 } as const;

export interface LockRequest {
  /** Stays for ever: removing a lock file is a race. It is never written, only locked. */
  readonly path: string;
  readonly clock: Clock;
  readonly call: Call;
}

/**
 * Runs `work` while no other process, and no other call in this one, holds the lock. It is the operating
 * system's own file lock, taken through SQLite because Node has no call for it: kill -9 releases it, a stopped
 * process keeps it, and no pid or clock has to be believed. STORE_LOCKED when the wait is over.
 */
export const withLock = async <Value>(
  request: LockRequest,
  work: () => Promise<Value>,
): Promise<Value> => {
  const release = await acquire(request);
  try {
    return await work();
  } finally {
    release();
  }
};

const acquire = async ({ path, clock, call }: LockRequest): Promise<() => void> => {
  await requireWritableDirectory(dirname(path));
  const until = clock.monotonicMs() + Math.min(waitMsMax, call.deadlineMs);
  while (true) {
    if (call.signal.aborted) throw storeFault("STORE_UNREACHABLE", "aborted");
    const release = tryLock(path);
    if (release !== undefined) return release;
    if (clock.monotonicMs() >= until) throw storeFault("STORE_LOCKED", "lock-held");
    await pause(clock, call);
  }
};

const tryLock = (path: string): (() => void) | undefined => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("begin exclusive");
  } catch (error) {
    database?.close();
    if (resultOf(error) === sqlite.busy) return undefined;
    if (resultOf(error) === sqlite.readOnly) throw storeFault("STORE_REJECTED", "EACCES");
    throw fileFault(error);
  }
  const held = database;
  return () => held.close();
};

/** SQLite's primary result code: the low byte of the extended one. */
const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;

const pause = async (clock: Clock, call: Call): Promise<void> => {
  try {
    await clock.sleep(pollMs, call.signal);
  } catch {
    throw storeFault("STORE_UNREACHABLE", "aborted");
  }
};
