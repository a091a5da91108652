import { dedicatedServer, type DedicatedServer } from "@rekey/testkit";
import pg from "pg";
import { loginRefusal } from "../scenarios/login.fixture.ts";

/** The database whose logins are rotated, and what somebody outside Rekey sees of it. */
export interface Target {
  readonly server: DedicatedServer;
  readonly port: number;
  /** Rekey's own role: not a superuser, admin of the groups alone. */
  readonly adminUrl: string;
  /** Straight to the server, whatever stands between it and Rekey. Undefined when let in, else the server's code. */
  login(url: string): Promise<string | undefined>;
  /** Roles that may log in as the group. */
  logins(group: string): Promise<string[]>;
  /** Every role that carries Rekey's mark. */
  marked(): Promise<string[]>;
  /** As the server's own administrator. */
  sql(statement: string): Promise<void>;
  close(): Promise<void>;
}

const loginsSql = `
  select r.rolname::text as name from pg_auth_members m
    join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
    where g.rolname = $1 and r.rolcanlogin and r.rolname <> 'rekey_admin' order by 1`;
const markedSql = `
  select rolname::text as name from pg_roles
    where starts_with(shobj_description(oid, 'pg_authid'), '{"rekey":') order by 1`;

export const openTarget = async (options: {
  readonly groups: readonly string[];
  readonly adminPassword: string;
  readonly onLine?: (line: string) => void;
}): Promise<Target> => {
  const { groups, adminPassword, onLine } = options;
  const server = await dedicatedServer({
    ...(onLine === undefined ? {} : { onLine }),
    settings: { log_statement: "all", log_min_error_statement: "error" },
  });
  // A pool, because a test may kill the server under it.
  const admin = new pg.Pool({ connectionString: server.url(), max: 1 });
  admin.on("error", () => undefined);
  const names = async (text: string, values: readonly string[]): Promise<string[]> =>
    (await admin.query<{ name: string }>(text, [...values])).rows.map(({ name }) => name);
  // This password is the test's own doing: it must not be what a search of the log finds.
  await admin.query("set log_statement = 'none'");
  await admin.query(
    `create role rekey_admin login nosuperuser createrole password ${pg.escapeLiteral(adminPassword)}`,
  );
  await admin.query("reset log_statement");
  for (const group of groups) {
    await admin.query(`create role ${group} nologin`);
    await admin.query(`grant ${group} to rekey_admin with admin true, inherit true, set true`);
  }
  const { port } = server.connection;
  return {
    server,
    port,
    adminUrl: `postgres://rekey_admin:${encodeURIComponent(adminPassword)}@127.0.0.1:${port}/postgres`,
    login: async (url) =>
      await loginRefusal({
        connectionString: Object.assign(new URL(url), { port: String(port) }).href,
      }),
    logins: async (group) => await names(loginsSql, [group]),
    marked: async () => await names(markedSql, []),
    sql: async (statement) => void (await admin.query(statement)),
    close: async () => {
      await admin.end();
      await server.dispose();
    },
  };
};
