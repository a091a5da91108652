import { credentialId, rotationId } from "@rekey/domain";
import type { Issuer } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  callOf,
  groupGrant,
  leastPrivilege,
  literal,
  mintedRole,
  name,
  startCluster,
} from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.fixture.ts";
import { hostileName, hostileRoleName } from "./hostile-name.fixture.ts";

let cluster: Cluster;
let issuer: Issuer;
beforeAll(async () => {
  cluster = await startCluster();
  issuer = await cluster.openIssuer("rekey_admin", leastPrivilege);
  await cluster.run("create table canary (alive boolean); grant all on canary to public");
  // Rekey may copy a setting of the application's own only where it was allowed to set it.
  await cluster.run("grant set on parameter app.value to rekey_admin");
});
afterAll(async () => {
  await issuer.close();
  await cluster.close();
});

const allowed = (group: string): boolean =>
  issuer.checkSettings({ group, database: "postgres" }).length === 0;
const rolesNow = async () =>
  (await cluster.run("select rolname from pg_roles order by oid")).map((row) => row["rolname"]);

/** One whole life under these names; the provider must know them byte for byte. */
async function live({
  credential,
  group,
  value,
}: Record<"credential" | "group" | "value", string>) {
  await cluster.run(`create role ${name(group)} nologin;
    grant ${name(group)} to rekey_admin ${groupGrant}`);
  const settings = { group, database: "postgres" };
  const older = await mintedRole(issuer, settings, { credential });
  await cluster.run(`alter role ${name(older.principal)} set app.value = ${literal(value)}`);
  const newer = await mintedRole(issuer, settings, {
    credential,
    version: 2,
    like: older.principal,
  });
  const { entries } = await issuer.list(credentialId(credential), settings, callOf());
  const principals = [older.principal, newer.principal].toSorted();
  expect(entries.map(({ principal }) => principal).toSorted()).toEqual(principals);
  expect(entries.map(({ mark }) => mark?.credential)).toEqual([credential, credential]);
  const login = await cluster.login(newer.material);
  const seen = "select current_user as group, current_setting('app.value') as value";
  expect(await login.run(seen)).toEqual([{ group, value }]);
  await login.end();
  for (const version of [older, newer]) await issuer.revoke(version, callOf());
  await cluster.run(`drop role ${name(group)}`);
}

test("500 hostile names live and die as they are written, and break out of nothing", async () => {
  const before = await rolesNow();
  const names = fc.record({
    credential: hostileName,
    group: hostileRoleName.filter((group) => allowed(group) && !before.includes(group)),
    value: hostileName,
  });
  await fc.assert(fc.asyncProperty(names, live), { numRuns: 500, endOnFailure: true });
  expect(await rolesNow()).toEqual(before);
  expect(await cluster.run("select count(*)::int as rows from canary")).toEqual([{ rows: 0 }]);
}, 600_000);

test("a hostile database is logged in to, and what is owned there is released", async () => {
  const odd = [`it's "odd"; --`, "a/b?c#d@e:f", "ü漢\\$$%I"];
  const settings = await cluster.addGroup("rekey_admin", "odd databases");
  for (const [index, database] of odd.entries()) {
    await cluster.run(`create database ${name(database)}`);
    await cluster.run(`grant create on schema public to public`, database);
    const version = index + 1;
    const role = await mintedRole(
      issuer,
      { ...settings, database },
      { credential: "odd", version },
    );
    expect((await issuer.probe(role.material, "primary", callOf())).answer).toBe("alive");
    const login = await cluster.login(role.material);
    await login.run("set role none; create table owned (id int)");
    await issuer.revoke(role, callOf());
    const owners = "select tableowner from pg_tables where tablename = 'owned'";
    expect(await cluster.run(owners, database)).toEqual([{ tableowner: "odd databases" }]);
  }
});

test("no password is in the server's log, though it logs every statement and a mint failed", async () => {
  const settings = await cluster.addGroup("rekey_admin", "silent");
  const role = await mintedRole(issuer, settings, { credential: "silent" });
  const bogus = issuer.bogus(role.material);
  await issuer.probe(bogus, "primary", callOf());
  const ref = { credential: credentialId("silent"), version: 2 };
  const mark = { ...ref, rotation: rotationId("0199-real") };
  const material = await issuer.propose(ref, settings);
  await cluster.run("revoke silent from rekey_admin cascade");
  const request = { ref, settings, material, mark };
  await expect(issuer.mint(request, callOf())).rejects.toMatchObject({ code: "PROVIDER_DENIED" });
  // The server writes its log to a pipe: the line may come after the answer.
  await expect.poll(() => cluster.log()).toMatch(/ERROR: .*permission denied to grant role/);
  const log = cluster.log();
  expect(log).toContain(`create role "rekey_silent_1"`.replaceAll('"', ""));
  for (const { secret } of [role.material, bogus, material])
    expect(log).not.toContain(secret.reveal());
});

test("the search for a password in the log finds a planted one", async () => {
  const planted = Secret.fromUtf8("planted-password");
  await cluster.run(`create role planted password ${literal(planted.reveal())}`);
  // As above: the line may come after the answer.
  await expect.poll(() => cluster.log()).toContain(planted.reveal());
});
