import { Fault } from "@rekey/domain";
import type { Call } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { connectAdmin, dsnProblem, isLocalDsn } from "./connect.ts";
import type { Admin, Tls } from "./connect.ts";
import { deadlineOf } from "./deadline.ts";
import { ServerFailure } from "./failure.ts";

export interface FollowedConnection {
  /** Asked at every use, so it may cache. */
  readonly dsn: () => Promise<Secret>;
  /** Absent: plain TCP, which stays on this machine unless `plaintext` says otherwise. */
  readonly tls?: Tls | undefined;
  readonly plaintext?: boolean;
}

/** Rekey's own connection by the DSN of the moment: another one opens a new pool, and the old one's work goes on. */
export function followAdmin({ dsn, tls, plaintext = false }: FollowedConnection): Admin {
  let current: { readonly dsn: Secret; readonly admin: Admin } | undefined;
  const mayLeave = tls !== undefined || plaintext;
  const ending = new Set<Promise<void>>();
  const end = (admin: Admin): void => {
    const ended = admin.close().finally(() => ending.delete(ended));
    ending.add(ended);
  };
  const admin = async (call: Call): Promise<Admin> => {
    const found = await resolved(dsn, call);
    if (current?.dsn.equals(found) === true) return current.admin;
    const before = current;
    current = { dsn: found, admin: connectAdmin({ dsn: usable(found, mayLeave), tls }) };
    if (before !== undefined) end(before.admin);
    return current.admin;
  };
  return {
    use: async (call, work) => (await admin(call)).use(call, work),
    useIn: async (database, call, work) => (await admin(call)).useIn(database, call, work),
    close: async () => {
      if (current !== undefined) end(current.admin);
      current = undefined;
      await Promise.all(ending);
    },
  };
}

/**
 * Throws CONFIG_MISSING for a DSN that leads nowhere, or away from this machine in the clear where it may not leave; never
 * quotes it.
 */
export function usable(dsn: Secret, mayLeave: boolean): Secret {
  const problem = dsnProblem(dsn);
  if (problem !== undefined)
    throw new Fault("CONFIG_MISSING", { cause: new Error(`admin ${problem}`) });
  if (mayLeave || isLocalDsn(dsn)) return dsn;
  throw new Fault("CONFIG_MISSING", { providerCode: "PLAINTEXT" });
}

async function resolved(dsn: () => Promise<Secret>, call: Call): Promise<Secret> {
  const deadline = deadlineOf(call);
  try {
    return await deadline.race(dsn().catch(unresolved), false);
  } finally {
    deadline.clear();
  }
}

function unresolved(): never {
  throw new ServerFailure({ code: "secret-unresolved", sent: false });
}
