import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { runSql } from "./connect.ts";
import { startTarget, targetDatabase, type TargetServer } from "./target-server.ts";

/** A target of its own for tests, with roles made the way Rekey makes them. */
export interface Shop {
  readonly target: TargetServer;
  /** As Rekey's own role. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A login role of the payments group with Rekey's mark; answers its connection string. */
  addRole(role: string): Promise<Secret>;
  url(role: string, place?: { readonly port?: number; readonly database?: string }): Secret;
  /** What the server has logged. */
  log(): Promise<string>;
  /** Forbids logins and ends the open sessions, as a containment does. */
  suspend(role: string): Promise<void>;
  close(): Promise<void>;
}

const password = "planted";

export const openShop = async (): Promise<Shop> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-demo-shop-"));
  const target = await startTarget({
    folder,
    programsDir: join(folder, "programs"),
    logFile: join(folder, "target.log"),
    groups: ["payments_app", "partner_orders", "partner_reports"],
  });
  const admin = Secret.fromUtf8(await readFile(target.adminFile, "utf8"));
  const run = (sql: string) => runSql(admin, sql);
  const url: Shop["url"] = (role, { port = target.port, database = targetDatabase } = {}) =>
    Secret.fromUtf8(`postgres://${role}:${password}@127.0.0.1:${port}/${database}`);
  return {
    target,
    run,
    url,
    addRole: async (role) => {
      const mark = { rekey: { credential: "payments-db", version: 1, rotation: "r" } };
      await run(`set createrole_self_grant = 'inherit';
        create role ${role} login password '${password}';
        comment on role ${role} is '${JSON.stringify(mark)}';
        grant payments_app to ${role} with inherit true, set true`);
      return url(role);
    },
    suspend: async (role) => {
      await run(`alter role ${role} nologin`);
      await run(`with doomed as materialized (
          select pid from pg_stat_activity where usename = '${role}' and pid <> pg_backend_pid())
        select pg_terminate_backend(pid) from doomed`);
    },
    log: async () => await readFile(join(folder, "target.log"), "utf8"),
    close: async () => {
      await target.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
