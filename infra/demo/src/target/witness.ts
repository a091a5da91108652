import type { Secret } from "@rekey/secret";
import { runSql } from "./connect.ts";

/** A role of the server that carries Rekey's mark, as the server itself tells it. */
export interface MarkedRole {
  readonly name: string;
  readonly canLogin: boolean;
  readonly credential: string;
  readonly sessions: number;
}

/** What the target's own catalog says, read as its superuser: never through Rekey. */
export interface Witness {
  markedRoles(): Promise<readonly MarkedRole[]>;
  /** Roles that may log in and belong to a group. */
  loginsOf(group: string): Promise<readonly string[]>;
  /** Sessions of roles that were dropped: they would live on without a name. */
  namelessSessions(): Promise<number>;
}

const markPrefix = '{"rekey":';

const markedSql = `
select r.rolname::text as name, r.rolcanlogin as "canLogin",
       shobj_description(r.oid, 'pg_authid')::json -> 'rekey' ->> 'credential' as credential,
       (select count(*)::int from pg_stat_activity a
         where a.usesysid = r.oid and a.backend_type = 'client backend') as sessions
  from pg_roles r
 where starts_with(shobj_description(r.oid, 'pg_authid'), $1)
 order by r.rolname`;

const loginsSql = `
select r.rolname::text as name
  from pg_auth_members m
  join pg_roles r on r.oid = m.member
  join pg_roles g on g.oid = m.roleid
 where g.rolname = $1 and r.rolcanlogin and r.rolname <> 'rekey_admin'
 order by r.rolname`;

const namelessSql = `
select count(*)::int as count from pg_stat_activity
 where backend_type = 'client backend' and usename is null`;

export const createWitness = (superuser: Secret): Witness => ({
  markedRoles: async () =>
    (await runSql(superuser, markedSql, [markPrefix])) as unknown as readonly MarkedRole[],
  loginsOf: async (group) =>
    (await runSql(superuser, loginsSql, [group])).map((row) => String(row["name"])),
  namelessSessions: async () => Number((await runSql(superuser, namelessSql))[0]?.["count"]),
});

/** Marked roles that are the current role of no credential: nobody's, and still there. */
export const orphansAmong = (
  marked: readonly MarkedRole[],
  current: ReadonlySet<string>,
): readonly string[] => marked.map(({ name }) => name).filter((name) => !current.has(name));
