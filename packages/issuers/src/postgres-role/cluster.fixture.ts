import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialId, issuerId, rotationId } from "@rekey/domain";
import type { Call, Issuer, IssuerSettings, Material, ProviderVersion } from "@rekey/domain";
import { silentLog, startEmbeddedPostgres } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { issuerCatalog } from "../catalog.ts";
import type { IssuerFixture } from "../issuer.suite.ts";
import { startReplyProxy } from "./reply-proxy.fixture.ts";
import type { ReplyProxy } from "./reply-proxy.fixture.ts";
import { badSettings } from "./settings.fixture.ts";

/** A PostgreSQL of its own: roles belong to a whole cluster, and these tests read its log. */
export interface Cluster {
  readonly port: number;
  /** As the superuser, in the database `postgres` unless another is named. */
  run(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** As `run`, in a transaction that keeps its locks until the answer is called and undoes it. */
  hold(sql: string): Promise<() => Promise<void>>;
  /** Everything the server has logged; it logs every statement. */
  log(): string;
  /** Makes a login role for Rekey with these attributes and opens an issuer that uses it. */
  openIssuer(role: string, attributes: string, port?: number): Promise<Issuer>;
  /** A group that the role may give to others, and settings that name it. */
  addGroup(admin: string, name: string): Promise<IssuerSettings>;
  login(material: Material, database?: string): Promise<OpenLogin>;
  close(): Promise<void>;
}

export interface OpenLogin {
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  alive(): Promise<boolean>;
  end(): Promise<void>;
}

export const name = escapeIdentifier;
export const literal = escapeLiteral;
const adminPassword = "admin-password-of-the-tests";
/** What Rekey's own role gets, and no more; docs/providers/postgres-role.md. */
export const leastPrivilege = "nosuperuser createrole";
export const groupGrant = "with admin true, inherit true, set true";

export async function startCluster(): Promise<Cluster> {
  const dataDir = await mkdtemp(join(tmpdir(), "rekey-issuer-"));
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({
    dataDir,
    password: Secret.fromUtf8("superuser-password-of-the-tests"),
    log: silentLog,
    fsync: false,
    endsWithOwner: true,
    onLine: (line) => lines.push(line),
    settings: { log_statement: "all", log_min_error_statement: "debug5", max_connections: "100" },
  });
  const address = { host: "127.0.0.1", port: server.connection.port };
  const logins = new Set<OpenLogin>();
  const connected = async (database = "postgres"): Promise<Client> => {
    const { user, password } = server.connection;
    const client = new Client({ ...address, user, database, password: password.reveal() });
    await client.connect();
    return client;
  };
  const superusers = new Map<string, Promise<Client>>();
  const run = async (sql: string, database = "postgres") => {
    const client = superusers.get(database) ?? connected(database);
    superusers.set(database, client);
    return (await (await client).query(sql)).rows;
  };
  return {
    port: address.port,
    run,
    hold: async (sql) => {
      const client = await connected();
      await client.query(`begin; ${sql}`);
      return () => client.end();
    },
    log: () => lines.join("\n"),
    openIssuer: async (role, attributes, port = address.port) => {
      await run(`create role ${name(role)} login ${attributes} password ${literal(adminPassword)}`);
      return issuerAt({ role, port, endpoint: address });
    },
    addGroup: async (admin, group) => {
      await run(`create role ${name(group)} nologin`);
      await run(`grant ${name(group)} to ${name(admin)} ${groupGrant}`);
      return { group, database: "postgres" };
    },
    login: async (material, database) => {
      const login = await openLogin({ ...address, material, database });
      logins.add(login);
      return login;
    },
    close: async () => {
      for (const login of logins) await login.end();
      for (const superuser of superusers.values()) await (await superuser).end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface IssuerPlace {
  readonly role: string;
  readonly port: number;
  readonly endpoint: { readonly host: string; readonly port: number };
}

function issuerAt({ role, port, endpoint }: IssuerPlace): Issuer {
  const { optionsSchema, open } = issuerCatalog["postgres-role"];
  const options = optionsSchema.parse({
    admin: "env:UNUSED",
    endpoints: [
      { name: "primary", ...endpoint },
      { name: "by-name", ...endpoint, host: "localhost" },
    ],
  });
  const dsn = `postgres://${encodeURIComponent(role)}:${adminPassword}@127.0.0.1:${port}/postgres`;
  return open({ instance: issuerId("real"), options, secrets: { admin: Secret.fromUtf8(dsn) } });
}

async function openLogin(at: {
  host: string;
  port: number;
  material: Material;
  database: string | undefined;
}): Promise<OpenLogin> {
  const { host, port, material } = at;
  const { username, database } = material.fields as Record<"username" | "database", string>;
  const client = new Client({
    host,
    port,
    user: username,
    database: at.database ?? database,
    password: material.secret.reveal(),
    ssl: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  const run = async (sql: string) => (await client.query(sql)).rows;
  return {
    run,
    alive: () =>
      run("select 1").then(
        () => true,
        () => false,
      ),
    end: () => client.end(),
  };
}

export const callOf = (): Call => ({
  signal: new AbortController().signal,
  deadlineMs: 10_000,
  key: "rotation/step/version/1",
});

export interface LiveRole extends ProviderVersion {
  readonly material: Material;
}

/** A minted version of a credential, like an older one where one is named. */
export async function mintedRole(
  issuer: Issuer,
  settings: IssuerSettings,
  of: { credential: string; version?: number; like?: string },
): Promise<LiveRole> {
  const ref = { credential: credentialId(of.credential), version: of.version ?? 1 };
  const material = await issuer.propose(ref, settings);
  const mark = { ...ref, rotation: rotationId("0199-real") };
  const like = of.like === undefined ? {} : { likePrincipal: of.like };
  const { principal } = await issuer.mint({ ref, settings, material, mark, ...like }, callOf());
  return { ref, settings, principal, material };
}

/** The contract suite's powers over a real cluster, for an issuer whose own role has these attributes. */
export async function openClusterFixture(attributes: string): Promise<IssuerFixture> {
  const cluster = await startCluster();
  const proxy = await startReplyProxy({ host: "127.0.0.1", port: cluster.port });
  const issuer = await cluster.openIssuer("rekey_admin", attributes, proxy.port);
  let scopes = 0;
  return {
    issuer,
    badSettings,
    scope: () => cluster.addGroup("rekey_admin", `group-${++scopes}`),
    addForeign: async ({ group }, principal = `somebody-${scopes}`) => {
      const members = `in role ${name(String(group))} password 'of somebody'`;
      await cluster.run(`create role ${name(principal)} login ${members}`);
      return principal;
    },
    derive: (material) => cluster.login(material),
    failReply: async (fault, nth) => proxy.failReply(fault, nth),
    healReplies: async () => proxy.heal(),
    denyEffects: async (denied) => {
      const held = denied ? "nosuperuser nocreaterole" : attributes;
      await cluster.run(`alter role rekey_admin ${held}`);
    },
    close: () => closeAll(issuer, proxy, cluster),
  };
}

async function closeAll(issuer: Issuer, proxy: ReplyProxy, cluster: Cluster): Promise<void> {
  await issuer.close();
  await proxy.close();
  await cluster.close();
}
