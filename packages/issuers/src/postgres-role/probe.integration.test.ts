import { readFile, writeFile } from "node:fs/promises";
import type { Issuer, Material } from "@rekey/domain";
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

async function minted(credential: string, connectionLimit?: number) {
  const settings = await cluster.addGroup("rekey_admin", `probes-${credential}`);
  const limit = connectionLimit === undefined ? {} : { connectionLimit };
  return mintedRole(issuer, { ...settings, ...limit }, { credential });
}

async function probed(material: Material): Promise<string> {
  const { answer, strength, code } = await issuer.probe(material, "primary", callOf());
  return `${answer} ${strength} ${code}`;
}

test("only a disabled role with its right value gives the strong answer", async () => {
  const role = await minted("strong");
  const bogus = issuer.bogus(role.material);
  expect([await probed(role.material), await probed(bogus)]).toEqual([
    "alive strong 00000",
    "dead weak 28P01",
  ]);
  await issuer.suspend(role, callOf());
  expect([await probed(role.material), await probed(bogus)]).toEqual([
    "dead strong 28000",
    "dead weak 28P01",
  ]);
  await issuer.revoke(role, callOf());
  expect([await probed(role.material), await probed(bogus)]).toEqual([
    "dead weak 28P01",
    "dead weak 28P01",
  ]);
});

test("a rejection by pg_hba proves nothing", async () => {
  const role = await minted("hba");
  const [shown] = await cluster.run("show hba_file");
  const file = String(shown?.["hba_file"]);
  const rules = await readFile(file, "utf8");
  await applyRules(file, `host all ${role.principal} all reject\n${rules}`);
  await expect.poll(() => probed(role.material)).toBe("unknown weak 28000");
  await applyRules(file, rules);
  await expect.poll(() => probed(role.material)).toBe("alive strong 00000");
});

async function applyRules(file: string, rules: string): Promise<void> {
  await writeFile(file, rules);
  await cluster.run("select pg_reload_conf()");
}

test("a full role and a missing database prove nothing", async () => {
  const role = await minted("full", 1);
  await cluster.login(role.material);
  expect(await probed(role.material)).toBe("unknown weak 53300");
  const other = await minted("elsewhere");
  const fields = { ...other.material.fields, database: "missing" };
  expect(await probed({ ...other.material, fields })).toBe("unknown weak 3D000");
});

test("a value past its end is refused like a wrong one", async () => {
  const role = await minted("expired");
  await cluster.run(`alter role "${role.principal}" valid until '2020-01-01'`);
  expect(await probed(role.material)).toBe("dead weak 28P01");
});

test("a value without a name cannot be tried", async () => {
  const { material } = await minted("nameless");
  expect(await probed({ ...material, fields: {} })).toBe("unknown weak fields-missing");
});

const startedLogins = `
  select count(*)::int as open from pg_stat_activity
    where application_name = 'rekey-probe' or (usesysid is null and backend_type = 'client backend')`;

async function openLogins(): Promise<number> {
  const [row] = await cluster.run(startedLogins);
  return Number(row?.["open"]);
}

test("a try that begins waits at the server without a session, and a stop does not wait for it", async () => {
  const role = await minted("begun");
  const begun = issuer.prepareProbe?.(role.material, "primary", callOf());
  await expect.poll(openLogins).toBe(1);
  expect(await issuer.suspend(role, callOf())).toEqual({ ended: 0 });
  expect(await begun?.finish(callOf())).toEqual({
    answer: "dead",
    strength: "strong",
    code: "28000",
    vantage: "primary",
  });
  await expect.poll(openLogins).toBe(0);
});

test("a try that was left ends at the server, unfinished", async () => {
  const role = await minted("left");
  const begun = issuer.prepareProbe?.(role.material, "primary", callOf());
  await expect.poll(openLogins).toBe(1);
  begun?.drop();
  await expect.poll(openLogins).toBe(0);
});

test("a login that the server decided before it was asked counts for nothing: it is tried afresh", async () => {
  const role = await minted("trusted");
  const [shown] = await cluster.run("show hba_file");
  const file = String(shown?.["hba_file"]);
  const rules = await readFile(file, "utf8");
  await applyRules(file, `host all ${role.principal} all trust\n${rules}`);
  await expect.poll(() => probed(issuer.bogus(role.material))).toBe("alive strong 00000");
  const begun = issuer.prepareProbe?.(role.material, "primary", callOf());
  await expect.poll(openLogins).toBe(0);
  await issuer.suspend(role, callOf());
  await applyRules(file, rules);
  await expect.poll(() => probed(role.material)).toBe("dead strong 28000");
  expect(await begun?.finish(callOf())).toMatchObject({ answer: "dead", code: "28000" });
});

test("a server that asks for the password itself gets it only when the login is wanted", async () => {
  const role = await minted("asked-in-clear");
  const [shown] = await cluster.run("show hba_file");
  const file = String(shown?.["hba_file"]);
  const rules = await readFile(file, "utf8");
  await cluster.run("alter system set log_connections = on");
  await applyRules(file, `host all ${role.principal} all password\n${rules}`);
  const logged = (words: string) => cluster.log().split(words).length - 1;
  const accepted = () => logged(`connection authorized: user=${role.principal} `);
  await expect.poll(() => probed(role.material)).toBe("alive strong 00000");
  await expect.poll(accepted).toBe(1);
  const received = logged("connection received");
  const begun = issuer.prepareProbe?.(role.material, "primary", callOf());
  await expect.poll(() => logged("connection received")).toBe(received + 1);
  await expect.poll(openLogins).toBe(0);
  expect(await issuer.suspend(role, callOf())).toEqual({ ended: 0 });
  expect(await begun?.finish(callOf())).toMatchObject({ answer: "dead", code: "28000" });
  // The one of now: a password is taken before it is looked whether the role may log in.
  await expect.poll(accepted).toBe(2);
  await applyRules(file, rules);
});
