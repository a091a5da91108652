import { credentialId } from "@rekey/domain";
import type { Issuer, IssuerSettings } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOf, leastPrivilege, literal, mintedRole, startCluster } from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.fixture.ts";

let cluster: Cluster;
let issuer: Issuer;
let groups = 0;
beforeAll(async () => {
  cluster = await startCluster();
  issuer = await cluster.openIssuer("rekey_admin", leastPrivilege);
  await cluster.run("create database other");
  await cluster.run("grant set on parameter app.tenant to rekey_admin");
});
afterAll(async () => {
  await issuer.close();
  await cluster.close();
});

async function scope(): Promise<IssuerSettings & { group: string }> {
  const group = `owners-${++groups}`;
  const settings = await cluster.addGroup("rekey_admin", group);
  for (const database of ["postgres", "other"])
    await cluster.run(`create schema "${group}" authorization "${group}"`, database);
  return { ...settings, group };
}

const sessionsWithoutName =
  "select pid from pg_stat_activity where backend_type = 'client backend' and usename is null";

test("what a version makes belongs to its group, and the next version works with it", async () => {
  const settings = await scope();
  const table = `"${settings.group}".made`;
  const first = await mintedRole(issuer, settings, { credential: "owner" });
  const login = await cluster.login(first.material);
  await login.run(`create table ${table} (id int); insert into ${table} values (1)`);
  const [who] = await login.run("select current_user as me, session_user as login");
  expect(who).toEqual({ me: settings.group, login: first.principal });
  const like = { credential: "owner", version: 2, like: first.principal };
  const second = await mintedRole(issuer, settings, like);
  await issuer.revoke(first, callOf());
  const next = await cluster.login(second.material);
  expect(
    await next.run(`alter table ${table} add column more int; select id from ${table}`),
  ).toBeUndefined();
  expect(await next.run(`select id from ${table}`)).toEqual([{ id: 1 }]);
});

test("row policies on current_user are the group's", async () => {
  const settings = await scope();
  const table = `"${settings.group}".rows`;
  await cluster.run(`create table ${table} (owner name);
    alter table ${table} enable row level security;
    create policy own on ${table} using (owner = current_user);
    grant select on ${table} to "${settings.group}";
    insert into ${table} values (${literal(settings.group)}), ('somebody')`);
  const live = await mintedRole(issuer, settings, { credential: "policies" });
  const login = await cluster.login(live.material);
  expect(await login.run(`select owner from ${table}`)).toEqual([{ owner: settings.group }]);
});

const hostileValue = `it's "quoted", \\ and; $$\n--`;

test("memberships, limits and every kind of setting follow to the next version", async () => {
  const settings = await scope();
  const older = await mintedRole(issuer, settings, { credential: "settings" });
  const role = `"${older.principal}"`;
  await cluster.addGroup("rekey_admin", "readers");
  await cluster.run(`alter role ${role} connection limit 7;
    alter role ${role} set search_path = "$user", "odd ""name"", really", public;
    alter role ${role} set statement_timeout = '1500ms';
    alter role ${role} set app.tenant = ${literal(hostileValue)};
    alter role ${role} in database other set work_mem = '9MB';
    alter role ${role} in database other set search_path = '';
    grant readers to ${role} with inherit false, set true`);
  const like = { credential: "settings", version: 2, like: older.principal };
  const newer = await mintedRole(issuer, settings, like);
  expect(await issuer.comparePrivileges(older, newer, callOf())).toEqual([]);
  const login = await cluster.login(newer.material);
  const shown = async (setting: string) =>
    Object.values((await login.run(`show ${setting}`))[0] ?? {})[0];
  expect(await shown("search_path")).toBe('"$user", "odd ""name"", really", public');
  expect(await shown("statement_timeout")).toBe("1500ms");
  expect(await shown("app.tenant")).toBe(hostileValue);
  const other = await cluster.login(newer.material, "other");
  expect(await other.run("show work_mem")).toEqual([{ work_mem: "9MB" }]);
  expect(await other.run("show search_path")).toEqual([{ search_path: '""' }]);
});

test("a privilege of the older role's own, which nobody would miss until it is gone, is reported", async () => {
  const settings = await scope();
  const older = await mintedRole(issuer, settings, { credential: "own" });
  const newer = await mintedRole(issuer, settings, { credential: "own", version: 2 });
  await cluster.run(`create table "${settings.group}".granted (id int);
    grant select on "${settings.group}".granted to "${older.principal}";
    alter role "${newer.principal}" valid until '2020-01-01'`);
  const paths = (await issuer.comparePrivileges(older, newer, callOf())).map(({ path }) => path);
  expect(paths).toEqual(["validUntil", "granted"]);
});

test("a role that owns and is granted things in two databases, with sessions open in both, is revoked", async () => {
  const settings = await scope();
  const live = await mintedRole(issuer, settings, { credential: "hoarder" });
  for (const database of ["postgres", "other"]) {
    const login = await cluster.login(live.material, database);
    const schema = `"${settings.group}"`;
    await cluster.run(`grant create, usage on schema ${schema} to "${live.principal}"`, database);
    await login.run(`set role none; create table ${schema}.hoard (id int);
      create function ${schema}.f() returns int return 1;
      alter default privileges in schema ${schema} grant select on tables to public`);
  }
  await issuer.revoke(live, callOf());
  for (const database of ["postgres", "other"]) {
    const owners = `select tableowner from pg_tables where tablename = 'hoard' and schemaname = ${literal(settings.group)}`;
    expect(await cluster.run(owners, database)).toEqual([{ tableowner: settings.group }]);
  }
  // What was told to end is shown until it has ended.
  await expect.poll(() => cluster.run(sessionsWithoutName)).toEqual([]);
  const listed = await issuer.list(credentialId("hoarder"), settings, callOf());
  expect(listed).toEqual({ entries: [], complete: true });
});

test("a role that somebody disabled, and left its sessions open, is revoked with its sessions", async () => {
  const settings = await scope();
  const live = await mintedRole(issuer, settings, { credential: "left-open" });
  const login = await cluster.login(live.material);
  await cluster.run(`alter role "${live.principal}" nologin`);
  expect(await login.alive()).toBe(true);
  await issuer.revoke(live, callOf());
  expect(await login.alive()).toBe(false);
  // What was told to end is shown until it has ended.
  await expect.poll(() => cluster.run(sessionsWithoutName)).toEqual([]);
});

test("an adopted role of a person's making is listed, suspended and revoked like ours", async () => {
  const settings = await scope();
  await cluster.run(`create role legacy login password 'of-the-legacy' in role "${settings.group}";
    grant legacy to rekey_admin with admin true, inherit true;
    comment on role legacy is 'made by hand';
    create table "${settings.group}".old (id int);
    alter table "${settings.group}".old owner to legacy`);
  const version = {
    ref: { credential: credentialId("adopted"), version: 1 },
    principal: "legacy",
    settings,
  };
  const fields = { username: "legacy", database: "postgres" };
  const material = { fields, secret: Secret.fromUtf8("of-the-legacy") };
  const probe = async () => (await issuer.probe(material, "primary", callOf())).answer;
  const state = async () =>
    (await issuer.list(version.ref.credential, settings, callOf())).entries[0]?.state;
  expect([await probe(), await state()]).toEqual(["alive", "valid"]);
  const newer = await mintedRole(issuer, settings, {
    credential: "adopted",
    version: 2,
    like: "legacy",
  });
  expect(await issuer.comparePrivileges(version, newer, callOf())).toMatchObject([
    { path: "owned" },
  ]);
  await issuer.suspend(version, callOf());
  expect([await probe(), await state()]).toEqual(["dead", "suspended"]);
  await issuer.revoke(version, callOf());
  expect(await cluster.run("select 1 from pg_roles where rolname = 'legacy'")).toEqual([]);
  const owner = "select tableowner from pg_tables where tablename = 'old'";
  expect(await cluster.run(owner)).toEqual([{ tableowner: settings.group }]);
});

test("a superuser's sweep ends the sessions of one role among everybody's", async () => {
  const superuser = await cluster.openIssuer("rekey_super", "superuser");
  const settings = await scope();
  const [one, two] = [
    await mintedRole(superuser, settings, { credential: "swept" }),
    await mintedRole(superuser, settings, { credential: "spared" }),
  ];
  const swept = await cluster.login(one.material);
  const spared = [await cluster.login(two.material), await cluster.login(two.material, "other")];
  expect(await superuser.sweep(one, callOf())).toEqual({ ended: 1 });
  expect(await swept.alive()).toBe(false);
  for (const login of spared) expect(await login.alive()).toBe(true);
  await superuser.close();
});

test("Rekey's own role is neither listed nor ever suspended, swept or revoked", async () => {
  const settings = await scope();
  const credential = credentialId("self");
  expect((await issuer.list(credential, settings, callOf())).entries).toEqual([]);
  const own = { ref: { credential, version: 1 }, principal: "rekey_admin", settings };
  for (const act of ["suspend", "sweep", "revoke"] as const)
    await expect(issuer[act](own, callOf())).rejects.toMatchObject({ providerCode: "own-role" });
  await issuer.check(callOf());
});

test("a group that does not exist is a fault, never an empty list", async () => {
  const settings = { group: "missing", database: "postgres" };
  const listing = issuer.list(credentialId("lost"), settings, callOf());
  await expect(listing).rejects.toMatchObject({ code: "PROVIDER_REJECTED", providerCode: "42704" });
  await expect(mintedRole(issuer, settings, { credential: "lost" })).rejects.toMatchObject({
    code: "PROVIDER_REJECTED",
  });
});

test("mints, suspensions and revocations of one version at the same moment all end well", async () => {
  const settings = await scope();
  const live = await mintedRole(issuer, settings, { credential: "crowd" });
  const acts = Array.from({ length: 12 }, (_, index) =>
    index % 2 === 0 ? ("suspend" as const) : ("reinstate" as const),
  );
  await Promise.all(acts.map((act) => issuer[act](live, callOf())));
  await Promise.all([1, 2, 3].map(() => issuer.revoke(live, callOf())));
  expect((await issuer.list(live.ref.credential, settings, callOf())).entries).toEqual([]);
});

test("a version is stopped at once while planned work waits for locks on every connection", async () => {
  const settings = await scope();
  const minting = (credential: string, version: number) =>
    mintedRole(issuer, settings, { credential, version });
  const locked = await Promise.all([1, 2, 3, 4, 5, 6].map((version) => minting("waits", version)));
  const live = await minting("urgent", 1);
  const changes = locked.map(({ principal }) => `alter role "${principal}" connection limit 3`);
  const free = await cluster.hold(changes.join(";"));
  const reinstating = locked.map((role) => issuer.reinstate(role, callOf()));
  const waiting =
    "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(async () => (await cluster.run(waiting))[0]?.["count"]).toBe(4);
  // Behind them it would wait until they give up, 5 s later.
  await issuer.suspend(live, { ...callOf(), deadlineMs: 3_000 });
  await free();
  await Promise.allSettled(reinstating);
  for (const role of locked) await issuer.reinstate(role, callOf());
});
