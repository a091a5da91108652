import type { Call, LoginRisk } from "@rekey/domain";
import type { VaultRequests } from "./client.ts";
import { segmentsOf, vaultPath } from "./path.ts";
import type { VaultConnection } from "./settings.ts";

/**
 * Whether refused logins lock the role that Rekey logs in as. Undefined where the mount has lockout off, or a token was
 * given. Throws VaultError, `denied` where the policy may not read the mount's settings.
 */
export const loginRiskOf = async (
  requests: Pick<VaultRequests, "read">,
  { auth, namespace }: Pick<VaultConnection, "auth" | "namespace">,
  call: Call,
): Promise<LoginRisk | undefined> => {
  if ("token" in auth) return undefined;
  const { mount } = auth.approle;
  const { data } = await requests.read(vaultPath`sys/mounts/auth/${segmentsOf(mount)}/tune`, call);
  if (data["user_lockout_disable"] === true) return undefined;
  const within = namespace === undefined ? "" : ` -namespace=${namespace}`;
  return {
    risk: `five refused logins lock Rekey's own role at auth/${mount} for everybody`,
    command: `echo '{"user_lockout_config":{"lockout_disable":true}}' | vault write${within} sys/mounts/auth/${mount}/tune -`,
  };
};
