import { readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { Fault, issuerId } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { issuerCatalog, type IssuerKind } from "./catalog.ts";

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

const clock = systemClock;
const examples = {
  "postgres-role": {
    admin: "env:REKEY_ADMIN_DSN",
    endpoints: [{ name: "primary", host: "db.example" }],
    tls: {},
  },
  "vault-approle": {
    addresses: ["https://vault.example:8200"],
    auth: { approle: { roleId: "rekey", secretId: "file:/etc/rekey/secrets/vault.secret-id" } },
    endpoints: [{ name: "primary", address: "https://vault.example:8200" }],
  },
} as const satisfies Record<IssuerKind, unknown>;
const kinds = Object.keys(examples) as readonly IssuerKind[];

test.each(kinds)(
  "an opened %s is of its catalog's kind and has asked for no secret",
  async (kind) => {
    const resolveSecret = () => Promise.reject(new Error("nothing is asked before the first call"));
    const instance = issuerId("main");
    const entry = issuerCatalog[kind];
    const issuer = entry.openWith({ instance, options: examples[kind], clock, resolveSecret });
    const { capabilities } = entry;
    expect(issuer).toMatchObject({ kind, instance, capabilities, vantages: ["primary"] });
    await issuer.close();
  },
);

test.each(kinds)("options that do not fit a %s are refused before it is opened", (kind) => {
  const options = { ...examples[kind], unheardOf: true };
  const resolveSecret = async () => Secret.fromUtf8("none");
  const setup = { instance: issuerId("main"), options, clock, resolveSecret };
  expect(() => issuerCatalog[kind].openWith(setup)).toThrow(/unheardOf/);
});

test.each(kinds)("every secret option of a %s is a path of its options", (kind) => {
  const found = issuerCatalog[kind].secretOptions.filter(
    (path) => typeof path.split(".").reduce(memberOf, examples[kind] as unknown) === "string",
  );
  expect(found.length).toBeGreaterThan(0);
});

const memberOf = (value: unknown, name: string): unknown =>
  (value as Record<string, unknown> | undefined)?.[name];

test("a DSN that cannot be used stops the start", () => {
  const { open, optionsSchema } = issuerCatalog["postgres-role"];
  const endpoints = [{ name: "primary", host: "127.0.0.1" }];
  const options = optionsSchema.parse({ admin: "env:X", endpoints });
  const secrets = { admin: Secret.fromUtf8("hunter2") };
  expect(() => open({ instance: issuerId("main"), options, secrets })).toThrow(Fault);
});

test("a reference that leads to no DSN is a fault at the first use, and is not quoted", async () => {
  const issuer = issuerCatalog["postgres-role"].openWith({
    instance: issuerId("main"),
    options: examples["postgres-role"],
    clock,
    resolveSecret: async () => Secret.fromUtf8("hunter2"),
  });
  const call = { signal: new AbortController().signal, deadlineMs: 1_000, key: "check" };
  const fault = await issuer.check(call).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: "CONFIG_MISSING" });
  expect(inspect(fault)).not.toContain("hunter2");
  await issuer.close();
});
