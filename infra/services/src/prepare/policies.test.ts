import { expect, test } from "vitest";
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
    ].toSorted(),
  );
  expect(policy).not.toContain("team");
});

test("an issuer's policy is the page's own text", async () => {
  expect(pathsOf(await documentedPolicy("vault-approle"))).toContain(
    "auth/approle/role/+/secret-id",
  );
});
