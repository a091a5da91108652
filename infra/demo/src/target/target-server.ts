import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { runSql } from "./connect.ts";
import { createWitness, type Witness } from "./witness.ts";

export interface TargetServer {
  readonly port: number;
  readonly pid: number;
  /** A file with the connection string of Rekey's own, least privileged role. */
  readonly adminFile: string;
  readonly witness: Witness;
  /** How many times the server made this role, by its own log. */
  timesCreated(role: string): number;
  /** Rows of the service's own table. */
  recordedPayments(): Promise<number>;
  stop(): Promise<void>;
}

interface TargetOptions {
  readonly folder: string;
  readonly programsDir: string;
  /** The server's own log goes there, with every statement that changes a role. */
  readonly logFile: string;
  /** Group roles: each owns nothing but what is granted below. */
  readonly groups: readonly string[];
}

const adminRole = "rekey_admin";
export const targetDatabase = "shop";
const randomPassword = (): string => randomBytes(24).toString("base64url");

/** The database whose login roles are rotated: what docs/providers/postgres-role.md asks for, and nothing beyond. */
export const startTarget = async (options: TargetOptions): Promise<TargetServer> => {
  const { folder, programsDir, logFile, groups } = options;
  const log: string[] = [];
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    programsDir,
    password: Secret.fromUtf8(randomPassword()),
    log: silentLog,
    endsWithOwner: true,
    onLine: (line) => {
      log.push(line);
      appendFileSync(logFile, `${line}\n`);
    },
  });
  try {
    await runSql(server.url(), `create database ${targetDatabase}`);
    const { port } = server.connection;
    const password = randomPassword();
    await runSql(server.url(targetDatabase), setupSql(groups, password));
    const adminFile = join(folder, "rekey-admin.dsn");
    const dsn = `postgres://${adminRole}:${password}@127.0.0.1:${port}/${targetDatabase}`;
    await writeFile(adminFile, dsn, { mode: 0o600 });
    return {
      port,
      pid: server.pid(),
      adminFile,
      witness: createWitness(server.url(targetDatabase)),
      timesCreated: (role) => timesCreated(log, role),
      recordedPayments: async () => {
        const sql = "select count(*)::int as count from payments";
        return Number((await runSql(server.url(targetDatabase), sql))[0]?.["count"]);
      },
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

const setupSql = (groups: readonly string[], password: string): string =>
  [
    `create role ${adminRole} login nosuperuser createrole password '${password}'`,
    // Only what Rekey's own role does: this very script has a password in it.
    `alter role ${adminRole} set log_statement = 'ddl'`,
    ...groups.flatMap((group) => [
      `create role ${group} nologin`,
      `grant ${group} to ${adminRole} with admin true, inherit true, set true`,
    ]),
    `create table payments (
       id bigint generated always as identity primary key,
       amount_cents integer not null,
       paid_at timestamptz not null default now())`,
    "grant select, insert on payments to payments_app",
    "grant select on payments to partner_orders, partner_reports",
  ].join(";\n");

/** A statement that failed is logged too, but only one that made the role is followed by its comment. */
const timesCreated = (log: readonly string[], role: string): number =>
  log.filter(
    (line) => line.includes(`create role "${role}"`) || line.includes(`create role ${role} `),
  ).length;
