import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { checkoutFile } from "../kinds.ts";
import { documentedPolicy, kvPolicy } from "./policies.ts";

const pathsOf = (policy: string): string[] =>
  [...policy.matchAll(/^path "([^"]+)"/gm)].map(([, path = ""]) => path);

test("each folder gets what the page gives one, and Rekey's own folder is there once", async () => {
  const policy = await kvPolicy(["payments", "control"]);
  expect(pathsOf(policy).toSorted()).toEqual(
    [
      "secret/data/control/*",
      "secret/data/payments/*",
      "secret/data/rekey/*",
      "secret/destroy/control/*",
      "secret/destroy/payments/*",
      "secret/destroy/rekey/*",
      "secret/metadata/control/*",
      "secret/metadata/payments/*",
      "secret/metadata/rekey/checks/*",
      "sys/mounts/auth/rekey/tune",
    ].toSorted(),
  );
  expect(policy).not.toContain("team");
});

test("an issuer's policy is the page's own text", async () => {
  expect(pathsOf(await documentedPolicy("vault-approle"))).toContain(
    "auth/approle/role/+/secret-id",
  );
});

/** Lines that make Rekey's own way in, by the page. */
const ownRoleOf = async (page: string): Promise<readonly string[]> => {
  const text = await readFile(checkoutFile(`docs/${page}.md`), "utf8");
  return text
    .replaceAll("$SECRETS", "/etc/rekey/secrets")
    .split("\n")
    .map((line) => line.trim().replaceAll('"', ""))
    .filter((line) =>
      /^vault .*(role\/rekey(\/|\s|$)|auth enable -path|policy write rekey)/.test(line),
    );
};

test("every page puts Rekey's own AppRole on a mount of its own, under the same names", async () => {
  const whole = await ownRoleOf("production");
  expect(whole).toContain("vault auth enable -path=rekey approle");
  for (const page of ["providers/vault-kv", "providers/vault-approle"]) {
    const lines = await ownRoleOf(page);
    expect(lines.length).toBeGreaterThanOrEqual(4);
    // The store's page is also for who has no such issuer.
    const others = lines.filter((line) => !whole.includes(line));
    expect(others).toEqual(
      page.endsWith("kv")
        ? [
            "vault write auth/rekey/role/rekey token_policies=rekey-kv token_ttl=1h token_max_ttl=24h",
          ]
        : [],
    );
  }
});
