import type { Call } from "@rekey/domain";
import { VaultError, vaultPath } from "@rekey/vault-client";
import type { VaultRequests } from "@rekey/vault-client";
import { z } from "zod";
import type { MissingRight } from "../missing-right.ts";
import type { PathRights } from "./client.ts";

/** What docs/providers/vault-approle.md prints as a policy, for one role. */
const neededOf = (mount: string, role: string): readonly Omit<PathRights, "granted">[] => {
  const at = `auth/${mount}/role/${role}`;
  return [
    { path: at, needed: ["read"] },
    { path: `${at}/role-id`, needed: ["read"] },
    { path: `${at}/secret-id`, needed: ["update", "list"] },
    { path: `${at}/secret-id-accessor/lookup`, needed: ["update"] },
    { path: `${at}/secret-id-accessor/destroy`, needed: ["update"] },
    { path: "auth/token/accessors", needed: ["list", "sudo"] },
    { path: "auth/token/lookup-accessor", needed: ["update"] },
    { path: "auth/token/revoke-accessor", needed: ["update"] },
  ];
};

const capabilities = z.array(z.string());

/** One request; a list is allowed by a rule with a slash at its end, and by one without. */
export async function rightsAt(
  own: VaultRequests,
  { mount, role }: { readonly mount: string; readonly role: string },
  call: Call,
): Promise<readonly PathRights[]> {
  const rules = neededOf(mount, role);
  const paths = rules.flatMap(({ path }) => [path, `${path}/`]);
  const { data } = await own.write(vaultPath`sys/capabilities-self`, { paths }, call);
  const grantedAt = (path: string): readonly string[] => {
    const shown = capabilities.safeParse(data[path]);
    if (shown.success) return shown.data;
    throw new VaultError({ kind: "unreachable", providerCode: "GARBLED", unknownOutcome: false });
  };
  return rules.map(({ path, needed }) => ({
    path,
    needed,
    granted: [
      ...grantedAt(path),
      ...(needed.includes("list") ? grantedAt(`${path}/`).filter((one) => one !== "update") : []),
    ],
  }));
}

/** Pure: a block of a policy for each path that lacks something. */
export const missingRights = (paths: readonly PathRights[]): readonly MissingRight[] =>
  paths.flatMap(({ path, needed, granted }) => {
    const lacking = needed.filter((one) => !granted.includes(one) && !granted.includes("root"));
    if (lacking.length === 0) return [];
    const list = needed.map((one) => `"${one}"`).join(", ");
    return [
      {
        right: `${lacking.join(", ")} on ${path}`,
        grant: `path "${path}" { capabilities = [${list}] }`,
      },
    ];
  });
