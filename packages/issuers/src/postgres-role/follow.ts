import { Fault } from "@rekey/domain";
import type { Call } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { connectAdmin, dsnProblem } from "./connect.ts";
import type { Admin, Tls } from "./connect.ts";
import { deadlineOf } from "./deadline.ts";
import { ServerFailure } from "./failure.ts";

export interface FollowedConnection {
  /** Asked at every use, so it may cache. */
  readonly dsn: () => Promise<Secret>;
  readonly tls?: Tls | undefined;
}

/** Rekey's own connection by the DSN of the moment: another one opens a new pool, and the old one's work goes on. */
export function followAdmin({ dsn, tls }: FollowedConnection): Admin {
  let current: { readonly dsn: Secret; readonly admin: Admin } | undefined;
  const ending = new Set<Promise<void>>();
  const end = (admin: Admin): void => {
    const ended = admin.close().finally(() => ending.delete(ended));
    ending.add(ended);
  };
  const admin = async (call: Call): Promise<Admin> => {
    const found = await resolved(dsn, call);
    if (current?.dsn.equals(found) === true) return current.admin;
    const before = current;
    current = { dsn: found, admin: connectAdmin({ dsn: usable(found), tls }) };
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

/** Throws CONFIG_MISSING for a DSN that leads nowhere; never quotes it. */
export function usable(dsn: Secret): Secret {
  const problem = dsnProblem(dsn);
  if (problem === undefined) return dsn;
  throw new Fault("CONFIG_MISSING", { cause: new Error(`admin ${problem}`) });
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
