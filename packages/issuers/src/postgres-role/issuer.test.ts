import { issuerId } from "@rekey/domain";
import type { IssuerSettings, Material } from "@rekey/domain";
import { issuerContract } from "../issuer.suite.ts";
import type { IssuerFixture } from "../issuer.suite.ts";
import { fakePostgres } from "./client.fake.ts";
import type { FakePostgres } from "./client.fake.ts";
import { postgresRole } from "./issuer.ts";
import { badSettings } from "./settings.fixture.ts";

const endpoint = { name: "primary", host: "db.example", port: 5432 };

function openFixture(): IssuerFixture {
  const postgres = fakePostgres();
  const issuer = postgresRole({
    instance: issuerId("fake"),
    server: postgres.server,
    endpoints: [endpoint, { ...endpoint, name: "pooler", port: 6432 }],
  });
  let scopes = 0;
  return {
    issuer,
    badSettings,
    scope: async () => {
      const group = postgres.addRole(`group-${++scopes}`).name;
      return { group, database: "app" };
    },
    addForeign: async (settings, principal = "somebody") =>
      addForeign(postgres, settings, principal),
    derive: async (material) => derive(postgres, material),
    failReply: async (fault, nth) => postgres.failReply(fault, nth),
    healReplies: async () => postgres.healReplies(),
    denyEffects: async (denied) => postgres.denyEffects(denied),
    close: () => issuer.close(),
  };
}

function addForeign(postgres: FakePostgres, settings: IssuerSettings, principal: string): string {
  postgres.addRole(principal, { canLogin: true });
  postgres.join(principal, String(settings["group"]));
  return principal;
}

function derive(postgres: FakePostgres, { fields, secret }: Material) {
  const { host, database } = { host: "db.example", database: "app", ...fields };
  const user = String(fields["username"]);
  const session = postgres.openSession({ host, port: 5432, database, user, password: secret });
  return { alive: async () => session.open };
}

issuerContract("postgres-role on the fake", async () => openFixture());
