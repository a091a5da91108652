import type { Issuer } from "@rekey/domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOf, leastPrivilege, mintedRole, startCluster } from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.fixture.ts";

let cluster: Cluster;
let issuer: Issuer;
beforeAll(async () => {
  cluster = await startCluster();
  issuer = await cluster.openIssuer("rekey_admin", leastPrivilege);
});
afterAll(async () => {
  await issuer.close();
  await cluster.close();
});

const missing = async (
  settings: Readonly<Record<string, unknown>>,
  principals: readonly string[] = [],
) => await issuer.missingRights?.({ settings, principals }, callOf());

/** Gives what was named, as a person would. */
const grantAll = async (settings: Readonly<Record<string, unknown>>, principals?: string[]) => {
  for (const { grant } of (await missing(settings, principals)) ?? []) await cluster.run(grant);
};

test("each right that is not granted is named with the statement that grants it, and the documented ones are enough", async () => {
  const settings = await cluster.addGroup("rekey_admin", "all-granted");
  expect(await missing(settings)).toEqual([]);
  const group = 'the group "half-granted"';
  await cluster.run('create role "half-granted" nologin');
  const half = { group: "half-granted", database: "postgres" };
  expect(await missing(half)).toMatchObject([{ right: `admin, inherit, set on ${group}` }]);
  await cluster.run('grant "half-granted" to rekey_admin with admin false, inherit true, set true');
  expect(await missing(half)).toMatchObject([{ right: `admin on ${group}` }]);
  await cluster.run("alter role rekey_admin nocreaterole");
  expect((await missing(half))?.map(({ right }) => right)).toEqual([
    "CREATEROLE",
    `admin on ${group}`,
  ]);
  await grantAll(half);
  expect(await missing(half)).toEqual([]);
  await mintedRole(issuer, half, { credential: "half" });
});

test("a group or a database that is not there, or may not be connected to, is named", async () => {
  const absent = { group: "no-such", database: "nowhere" };
  expect((await missing(absent))?.map(({ right }) => right)).toEqual([
    'a group "no-such"',
    "a database nowhere",
  ]);
  await grantAll(absent);
  expect(await missing(absent)).toEqual([]);
  await cluster.run("revoke connect on database nowhere from public");
  expect(await missing(absent)).toMatchObject([{ right: "CONNECT on the database nowhere" }]);
  await grantAll(absent);
  expect(await missing(absent)).toEqual([]);
});

test("a version that another of Rekey's logins made cannot be stopped by this one until it is granted", async () => {
  const settings = await cluster.addGroup("rekey_admin", "moved");
  const own = await mintedRole(issuer, settings, { credential: "own" });
  expect(await missing(settings, [own.principal])).toEqual([]);
  await cluster.run("create role made_before login in role moved");
  const principals = [own.principal, "made_before"];
  expect(await missing(settings, principals)).toMatchObject([
    { right: expect.stringContaining("made_before") as string },
  ]);
  await grantAll(settings, principals);
  expect(await missing(settings, principals)).toEqual([]);
});
