import { issuerId } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issuerCatalog } from "../catalog.ts";
import { callOf, startCluster, type Cluster } from "./cluster.fixture.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.close());

test("Rekey's own DSN is read at every use: another one is followed without a restart", async () => {
  for (const role of ["first", "second"])
    await cluster.run(`create role ${role} login createrole password 'of-${role}'`);
  const dsnOf = (role: string) =>
    `postgres://${role}:of-${role}@127.0.0.1:${cluster.port}/postgres`;
  let dsn = dsnOf("first");
  const issuer = issuerCatalog["postgres-role"].openWith({
    instance: issuerId("followed"),
    options: {
      admin: "file:admin.dsn",
      endpoints: [{ name: "primary", host: "127.0.0.1", port: cluster.port }],
    },
    clock: systemClock,
    resolveSecret: async () => Secret.fromUtf8(dsn),
  });
  await issuer.check(callOf());
  await cluster.run("alter role first nologin");
  await cluster.run(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'first'",
  );
  await expect.poll(() => issuer.check(callOf()).catch(({ code }) => code)).toBe("PROVIDER_DENIED");
  dsn = dsnOf("second");
  await issuer.check(callOf());
  const users = "select distinct usename from pg_stat_activity where application_name = 'rekey'";
  // What was told to end is shown until it has ended.
  await expect.poll(() => cluster.run(users)).toEqual([{ usename: "second" }]);
  await issuer.close();
});

test("a DSN that cannot be read is a provider out of reach, and nothing was changed", async () => {
  const issuer = issuerCatalog["postgres-role"].openWith({
    instance: issuerId("unread"),
    options: { admin: "file:gone", endpoints: [{ name: "primary", host: "127.0.0.1" }] },
    clock: systemClock,
    resolveSecret: () => Promise.reject(new Error("no such file")),
  });
  await expect(issuer.check(callOf())).rejects.toMatchObject({
    code: "PROVIDER_UNREACHABLE",
    providerCode: "secret-unresolved",
    unknownOutcome: false,
  });
  await issuer.close();
});
