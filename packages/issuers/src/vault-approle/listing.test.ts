import { credentialId, issuerId, rotationId } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { expect, test } from "vitest";
import type { AppRoleServer, SecretIdFacts } from "./client.ts";
import { vaultApprole } from "./issuer.ts";
import { callOf } from "./vault.fixture.ts";

const settings = { role: "app" };
const credential = credentialId("payments");
const factsOf = (accessor: string): SecretIdFacts => ({
  accessor,
  metadata: {},
  createdAt: 0,
  expiresAt: undefined,
  numUses: 0,
  cidrs: [],
  tokenCidrs: [],
});

/** A role whose secret ids can be read as `read` says. */
function openIssuer(
  lists: () => readonly string[],
  read: (accessor: string) => SecretIdFacts | undefined,
) {
  const role = { roleId: "r", bindSecretId: true, secretIdNumUses: 0, tokenType: "default" };
  const server = {
    role: async () => ({ ...role, cidrs: [], tokenCidrs: [] }),
    accessors: async () => lists(),
    secretId: async ({ accessor }: { accessor: string }) => read(accessor),
    create: () => Promise.reject(new Error("nothing may be made beside what cannot be read")),
  } as unknown as AppRoleServer;
  const instance = issuerId("vault");
  const vantages = ["one"];
  return vaultApprole({ instance, server, vantages, userLockout: "on", clock: systemClock });
}

test("a secret id that is listed and cannot be read makes the list incomplete", async () => {
  const read = (accessor: string) => (accessor === "odd" ? undefined : factsOf(accessor));
  const issuer = openIssuer(() => ["one", "odd"], read);
  const listing = await issuer.list(credential, settings, callOf());
  expect(listing.complete).toBe(false);
  expect(listing.entries.map(({ principal }) => principal)).toEqual(["one"]);
  const ref = { credential, version: 1 };
  const mark = { ...ref, rotation: rotationId("0199-list") };
  await expect(issuer.mint({ ref, mark, settings }, callOf())).rejects.toMatchObject({
    code: "PROVIDER_UNSURE",
    providerCode: "list-incomplete",
  });
});

test("one that was destroyed while it was listed is gone, and the list complete", async () => {
  const lists = [["one", "gone"], ["one"]];
  const read = (accessor: string) => (accessor === "gone" ? undefined : factsOf(accessor));
  const issuer = openIssuer(() => lists.shift() ?? [], read);
  expect(await issuer.list(credential, settings, callOf())).toMatchObject({
    complete: true,
    entries: [{ principal: "one" }],
  });
});

test("a role with more secret ids than are read is never taken as a whole", async () => {
  const accessors = Array.from({ length: 5_001 }, (_, index) => `id-${index}`);
  let reads = 0;
  const issuer = openIssuer(
    () => accessors,
    (accessor) => {
      reads += 1;
      return factsOf(accessor);
    },
  );
  const { complete, entries } = await issuer.list(credential, settings, callOf());
  expect([complete, entries.length, reads]).toEqual([false, 5_000, 5_000]);
});
