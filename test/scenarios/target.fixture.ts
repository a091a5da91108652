import { issuerId, type Issuer } from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import { Secret } from "@rekey/secret";
import { dedicatedServer } from "@rekey/testkit";
import pg from "pg";
import { group } from "./inventory.fixture.ts";
import { tryLogin } from "./login.fixture.ts";

/** The server whose roles are rotated, seen from outside Rekey, and the issuer that works on it. */
export interface Target {
  readonly issuer: Issuer;
  /** A login outside the engine: undefined when let in, else the server's code. */
  login(value: { username: string; password: string }): Promise<string | undefined>;
  /** Every role that can log in, but the server's own. */
  roles(): Promise<readonly string[]>;
  /** The server's own administrator, as somebody outside Rekey would act. */
  sql(statement: string): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const rolesText = `
  select rolname from pg_roles
  where rolcanlogin and rolname <> 'postgres' and rolname not like 'pg\\_%' order by 1`;

export const openTarget = async (): Promise<Target> => {
  const server = await dedicatedServer();
  // A pool, because a test may kill the server under it.
  // It keeps its connection: one that is given back would be a place on a server that is full.
  const admin = new pg.Pool({ connectionString: server.url(), max: 1, idleTimeoutMillis: 0 });
  admin.on("error", () => undefined);
  await admin.query(`create role ${group} nologin`);
  const { port } = server.connection;
  const issuer = issuerCatalog["postgres-role"].open({
    instance: issuerId("payments-db"),
    options: { admin: "env:ADMIN", endpoints: [{ name: "primary", host: "127.0.0.1", port }] },
    secrets: { admin: Secret.fromUtf8(server.url()) },
  });
  return {
    issuer,
    login: async (value) => await tryLogin(port, value),
    roles: async () =>
      (await admin.query<{ rolname: string }>(rolesText)).rows.map((row) => row.rolname),
    sql: async (statement) => void (await admin.query(statement)),
    kill: async () => await server.kill(),
    restart: async () => await server.restart(),
    close: async () => {
      await issuer.close();
      await admin.end();
      await server.dispose();
    },
  };
};
