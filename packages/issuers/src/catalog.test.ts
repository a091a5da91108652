import { readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { Fault, issuerId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { issuerCatalog } from "./catalog.ts";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => existsSync(join(import.meta.dirname, name, "issuer.ts")));

test("every issuer's folder has one line in the catalog and its page", () => {
  expect(Object.keys(issuerCatalog).toSorted()).toEqual(folders.toSorted());
  const root = join(import.meta.dirname, "../../..");
  for (const name of folders) {
    expect(existsSync(join(import.meta.dirname, name, "README.md")), name).toBe(true);
    expect(existsSync(join(root, "docs/providers", `${name}.md`)), name).toBe(true);
  }
});

test("an opened issuer is of its catalog's kind and has its capabilities", async () => {
  const { open, optionsSchema, capabilities } = issuerCatalog["postgres-role"];
  const options = optionsSchema.parse({
    admin: "env:REKEY_ADMIN_DSN",
    endpoints: [{ name: "primary", host: "db.example" }],
  });
  const admin = Secret.fromUtf8("postgres://rekey:password@127.0.0.1:1/app");
  const issuer = open({ instance: issuerId("main"), options, secrets: { admin } });
  expect(issuer).toMatchObject({ kind: "postgres-role", capabilities, vantages: ["primary"] });
  await issuer.close();
});

test("a DSN that cannot be used stops the start", () => {
  const { open, optionsSchema } = issuerCatalog["postgres-role"];
  const endpoints = [{ name: "primary", host: "db.example" }];
  const options = optionsSchema.parse({ admin: "env:X", endpoints });
  const secrets = { admin: Secret.fromUtf8("hunter2") };
  expect(() => open({ instance: issuerId("main"), options, secrets })).toThrow(Fault);
});
