import { readFileSync } from "node:fs";
import { join } from "node:path";
import { issuerId } from "@rekey/domain";
import type { Call, Clock, Issuer, IssuerSettings, Material, ProviderVersion } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { openVaultClient, VaultError, vaultPath } from "@rekey/vault-client";
import type { VaultClient, VaultPath } from "@rekey/vault-client";
import type { IssuerFixture } from "../issuer.suite.ts";
import { openVaultApprole, vaultApproleOptions } from "./open.ts";
import { startReplyProxy } from "./reply-proxy.fixture.ts";
import { badSettings } from "./settings.fixture.ts";

/** A Vault with AppRole at `approle`, for what is rotated, and at `rekey`, for Rekey's own login. */
export interface VaultPlace {
  readonly address: string;
  readonly rootToken: string;
  readonly clock?: Clock;
  readonly close: () => Promise<void>;
}

export interface VaultFixture extends IssuerFixture {
  readonly admin: Admin;
  /** Another issuer on the same Vault, as the same Rekey. */
  readonly openIssuer: (options?: Readonly<Record<string, unknown>>, secret?: Secret) => Issuer;
  /** As a person would, by hand: the tokens live on. */
  readonly destroy: (version: ProviderVersion) => Promise<void>;
  readonly addRole: (settings?: Readonly<Record<string, unknown>>) => Promise<IssuerSettings>;
}

interface Admin {
  read(path: VaultPath): ReturnType<VaultClient["read"]>;
  list(path: VaultPath): ReturnType<VaultClient["list"]>;
  delete(path: VaultPath): Promise<void>;
  write(path: VaultPath, body: Readonly<Record<string, unknown>>): ReturnType<VaultClient["write"]>;
}

export const callOf = (deadlineMs = 10_000): Call => ({
  signal: new AbortController().signal,
  deadlineMs,
  key: "rotation/step/version/1",
});

/** The policy that the provider's page prints, to the letter. */
function documentedPolicy(): string {
  const page = join(import.meta.dirname, "../../../../docs/providers/vault-approle.md");
  const [, policy] = /```hcl\n([^`]+)```/.exec(readFileSync(page, "utf8")) ?? [];
  if (policy === undefined) throw new Error("the page prints no policy");
  return policy;
}

const effects = /path "[^"]+\/(secret-id|destroy|revoke-accessor)"[^}]+\}/g;

export async function openVaultFixture(place: VaultPlace): Promise<VaultFixture> {
  const { address, rootToken, clock = systemClock } = place;
  const rootClient = openVaultClient({
    connection: { addresses: [address], auth: { token: "root" } },
    clock,
    resolveSecret: async () => Secret.fromUtf8(rootToken),
  });
  const admin = adminOf(rootClient);
  await writePolicy(admin, documentedPolicy());
  await setLockout(admin, false);
  await setLockout(admin, false, "rekey");
  const proxy = await startReplyProxy(address);
  const { openIssuer, closeIssuers } = issuersAt(proxy.address, await addRekey(admin), clock);
  const addRole = rolesOf(admin);
  return {
    admin,
    openIssuer,
    addRole,
    issuer: openIssuer({ endpoints: twoEndpoints(address) }),
    badSettings,
    destroy: (version) => destroy(admin, version),
    scope: () => addRole(),
    addForeign: (settings) => addForeign(admin, String(settings["role"])),
    derive: (material) => derive(rootClient, material),
    failReply: async (fault, nth) => proxy.failReply(fault, nth),
    healReplies: async () => proxy.heal(),
    denyEffects: (denied) =>
      writePolicy(admin, denied ? documentedPolicy().replaceAll(effects, "") : documentedPolicy()),
    close: async () => {
      await closeIssuers();
      await rootClient.close();
      await proxy.close();
      await place.close();
    },
  };
}

const adminOf = (root: VaultClient): Admin => ({
  read: (path) => root.read(path, callOf()),
  list: (path) => root.list(path, callOf()),
  delete: (path) => root.delete(path, callOf()),
  write: (path, body) => root.write(path, body, callOf()),
});

async function writePolicy(admin: Admin, policy: string): Promise<void> {
  await admin.write(vaultPath`sys/policies/acl/rekey`, { policy });
}

const twoEndpoints = (address: string) => [
  { name: "direct", address },
  { name: "by-name", address: address.replace("127.0.0.1", "localhost") },
];

/** Issuers that log in as Rekey and reach Vault by one address. */
function issuersAt(address: string, rekey: Awaited<ReturnType<typeof addRekey>>, clock: Clock) {
  const opened: Issuer[] = [];
  const openIssuer: VaultFixture["openIssuer"] = (options = {}, secret = rekey.secretId) => {
    const given = { addresses: [address], auth: { approle: rekey.approle }, ...options };
    const issuer = openVaultApprole({
      instance: issuerId("vault"),
      options: vaultApproleOptions.parse(given),
      clock,
      resolveSecret: async () => secret,
    });
    opened.push(issuer);
    return issuer;
  };
  const closeIssuers = async (): Promise<void> => {
    await Promise.all(opened.map((issuer) => issuer.close()));
  };
  return { openIssuer, closeIssuers };
}

function rolesOf(admin: Admin): VaultFixture["addRole"] {
  let roles = 0;
  return async (settings = {}) => {
    const role = `role-${++roles}`;
    await admin.write(vaultPath`auth/approle/role/${role}`, settings);
    return { role };
  };
}

export const setLockout = (admin: Admin, on: boolean, mount = "approle") =>
  admin.write(vaultPath`sys/mounts/auth/${mount}/tune`, {
    user_lockout_config: { lockout_disable: !on },
  });

/** A role of Rekey's own, on its mount, with the documented policy and nothing else. */
export async function addRekey(admin: Admin, name = "rekey") {
  const role = vaultPath`auth/rekey/role/${name}`;
  await admin.write(role, { token_policies: ["rekey"] });
  const { data } = await admin.read(vaultPath`auth/rekey/role/${name}/role-id`);
  const made = await admin.write(vaultPath`auth/rekey/role/${name}/secret-id`, {});
  const secretId = Secret.fromUtf8(String(made.data["secret_id"]));
  const roleId = String(data["role_id"]);
  return { approle: { mount: "rekey", roleId, secretId: "file:secret-id" }, secretId };
}

async function addForeign(admin: Admin, role: string): Promise<string> {
  const { data } = await admin.write(vaultPath`auth/approle/role/${role}/secret-id`, {});
  return String(data["secret_id_accessor"]);
}

async function destroy(admin: Admin, { principal, settings }: ProviderVersion): Promise<void> {
  const path = vaultPath`auth/approle/role/${String(settings["role"])}/secret-id-accessor/destroy`;
  await admin.write(path, { secret_id_accessor: principal });
}

/** A token, as a consumer gets one. */
async function derive(client: VaultClient, { fields, secret }: Material) {
  const body = { role_id: fields["role_id"], secret_id: secret.reveal() };
  const outside = client.as(undefined);
  const { auth } = await outside.write(vaultPath`auth/approle/login`, body, callOf());
  const accessor = String(auth?.["accessor"]);
  const alive = async (): Promise<boolean> => {
    try {
      await client.write(vaultPath`auth/token/lookup-accessor`, { accessor }, callOf());
      return true;
    } catch (error) {
      if (error instanceof VaultError && error.phrase === "invalid-accessor") return false;
      throw error;
    }
  };
  return { alive };
}
