import { Secret } from "@rekey/secret";
import { askVault, waitFor, type RunningStack, type VaultRequest } from "@rekey/stack";
import { secretPath } from "../config/services-config.ts";
import { ServicesFault } from "../fault.ts";
import { approleLogin, keepSecret, readSecret } from "./connect.ts";
import { documentedPolicy, kvPolicy } from "./policies.ts";

type Ask = (request: Omit<VaultRequest, "token">) => Promise<Record<string, unknown>>;

/** The KV engine that consumers read from, and the folders of it that Rekey writes to. */
const mount = "secret";
const folders = ["payments", "control"];

/** Rekey's own way in is on a mount of its own: who may make secret ids of a role may log in as it. */
const ownMount = "rekey";
const ownRole = "rekey";
/** Not secret: a name that the configuration can say. */
const ownRoleId = "rekey";
/** Roles whose secret ids are credentials. */
const credentialMount = "approle";

const engineMaxMs = 10_000;

/** Vault as docs/providers/vault-kv.md and vault-approle.md ask for it, with exactly their policies. */
export const prepareVault = async (
  { address, rootToken }: RunningStack["vault"],
  folder: string,
): Promise<void> => {
  const ask: Ask = async (request) => await askVault(address, { ...request, token: rootToken });
  await ensureEngine(ask);
  await ensureAppRoleMounts(ask);
  await writePolicies(ask);
  await writeRoles(ask);
  await ensureSecretId({ ask, address, file: secretPath(folder, "vault.secret-id") });
};

const put = async (ask: Ask, path: string, body: VaultRequest["body"] = {}): Promise<void> => {
  await ask({ method: "PUT", path, body });
};

const ensureEngine = async (ask: Ask): Promise<void> => {
  const mounts = await ask({ method: "GET", path: "sys/mounts" });
  if (!(`${mount}/` in mounts)) {
    await put(ask, `sys/mounts/${mount}`, { type: "kv", options: { version: "2" } });
  }
  // A new engine refuses requests until it has made itself one of version 2.
  const answered = await waitFor(
    async () =>
      await ask({ method: "GET", path: `${mount}/config` }).then(
        () => true,
        () => false,
      ),
    engineMaxMs,
  );
  if (!answered)
    throw new ServicesFault("PREPARATION_FAILED", `vault's engine ${mount}/ does not answer`);
};

const ensureAppRoleMounts = async (ask: Ask): Promise<void> => {
  const mounts = await ask({ method: "GET", path: "sys/auth" });
  for (const name of [ownMount, credentialMount]) {
    if (!(`${name}/` in mounts)) await put(ask, `sys/auth/${name}`, { type: "approle" });
  }
  // A proof of death is a refused login, as is Rekey's own with a secret id of yesterday: the fifth in a row would
  // lock the role for right secret ids too.
  for (const name of [ownMount, credentialMount])
    await put(ask, `sys/mounts/auth/${name}/tune`, {
      user_lockout_config: { lockout_disable: true },
    });
};

const writePolicies = async (ask: Ask): Promise<void> => {
  const policies = {
    "rekey-kv": await kvPolicy(folders),
    "rekey-approle": await documentedPolicy("vault-approle"),
    payments: `path "${mount}/data/payments/*" {\n  capabilities = ["read"]\n}\n`,
  };
  for (const [name, policy] of Object.entries(policies)) {
    await put(ask, `sys/policies/acl/${name}`, { policy });
  }
};

const writeRoles = async (ask: Ask): Promise<void> => {
  const own = `auth/${ownMount}/role/${ownRole}`;
  await put(ask, own, {
    token_policies: ["rekey-kv", "rekey-approle"],
    token_ttl: "1h",
    token_max_ttl: "24h",
  });
  await put(ask, `${own}/role-id`, { role_id: ownRoleId });
  // The example's credential, and the control that logs in and may do nothing.
  const credentials = `auth/${credentialMount}/role`;
  await put(ask, `${credentials}/payments`, { token_policies: ["payments"], token_ttl: "1h" });
  await put(ask, `${credentials}/rekey-control`, {
    token_no_default_policy: true,
    token_ttl: "1m",
  });
};

/** One secret id, used until it is refused: Vault shows it once, when it is made. */
const ensureSecretId = async (place: {
  readonly ask: Ask;
  readonly address: string;
  readonly file: string;
}): Promise<void> => {
  const { ask, address, file } = place;
  const kept = await readSecret(file);
  if (kept !== undefined && (await logsIn(address, kept))) return;
  const path = `auth/${ownMount}/role/${ownRole}/secret-id`;
  const { data } = await ask({ method: "PUT", path, body: {} });
  const { secret_id: made } = data as { readonly secret_id: string };
  await keepSecret(file, Secret.fromUtf8(made));
};

const logsIn = async (address: string, secretId: Secret): Promise<boolean> => {
  const body = approleLogin(ownRoleId, secretId);
  const answer = await askVault(address, {
    method: "PUT",
    path: `auth/${ownMount}/login`,
    body,
  }).catch(() => undefined);
  if (answer === undefined) return false;
  const { client_token: token } = answer["auth"] as { readonly client_token: string };
  await askVault(address, { method: "PUT", path: "auth/token/revoke-self", token });
  return true;
};
