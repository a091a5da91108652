import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, type EmbeddedPostgres } from "@rekey/runtime";
import { targetDatabase } from "@rekey/service-set";
import { keptPassword } from "@rekey/stack";
import { asSuperuser } from "./connect.ts";

/** The server whose roles are credentials, as its superuser and its own log see it: never through Rekey. */
export interface Target {
  readonly server: EmbeddedPostgres;
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Roles that may log in and belong to a group. */
  loginsOf(group: string): Promise<readonly string[]>;
  /** Roles with Rekey's mark, by credential. */
  markedRoles(): Promise<readonly { readonly name: string; readonly credential: string }[]>;
  /** How many times the server made this role. */
  timesCreated(role: string): number;
  /** What the server logged. */
  readonly log: readonly string[];
}

export const startTarget = async (folder: string): Promise<Target> => {
  await chmod(folder, 0o711);
  const log: string[] = [];
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, "target"),
    programsDir: join(folder, "target-programs"),
    password: await keptPassword(join(folder, "target.password")),
    log: silentLog,
    endsWithOwner: true,
    onLine: (line) => log.push(line),
    settings: { max_connections: "200", log_statement: "ddl" },
  });
  const sql: Target["sql"] = async (text) =>
    await asSuperuser(server.connection, targetDatabase, text);
  return {
    server,
    sql,
    log,
    loginsOf: async (group) => (await sql(loginsSql(group))).map(({ name }) => String(name)),
    markedRoles: async () => (await sql(markedSql)) as never,
    timesCreated: (role) => log.filter((line) => isMaking(line, role)).length,
  };
};

/** The group roles that credentials of the inventory are made in. */
export const addGroups = async (target: Target, groups: readonly string[]): Promise<void> => {
  const statements = groups.flatMap((group) => [
    `create role ${group} nologin`,
    `grant ${group} to rekey_admin with admin true, inherit true, set true`,
    `grant connect on database ${targetDatabase} to ${group}`,
  ]);
  await target.sql(statements.join(";\n"));
};

const isMaking = (line: string, role: string): boolean =>
  line.includes(`create role "${role}"`) || line.includes(`create role ${role} `);

const loginsSql = (group: string): string => `
  select r.rolname::text as name
    from pg_auth_members m
    join pg_roles r on r.oid = m.member
    join pg_roles g on g.oid = m.roleid
   where g.rolname = '${group}' and r.rolcanlogin and r.rolname <> 'rekey_admin'
   order by r.rolname`;

const markedSql = `
  select r.rolname::text as name,
         shobj_description(r.oid, 'pg_authid')::json -> 'rekey' ->> 'credential' as credential
    from pg_roles r
   where starts_with(shobj_description(r.oid, 'pg_authid'), '{"rekey":')
   order by r.rolname`;
