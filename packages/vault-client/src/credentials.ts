import type { Cancellation, Clock } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { bodyOf, errorOf, isRecord, isSuccess, type Reply } from "./answer.ts";
import { loginBody, type WireRequest } from "./connect.ts";
import { deadlineOf } from "./deadline.ts";
import { VaultError, type VaultKind } from "./error.ts";
import type { Nodes } from "./nodes.ts";
import type { OwnLogins } from "./own-logins.ts";
import { segmentsOf, vaultPath } from "./path.ts";
import type { Credentials, Lease } from "./session.ts";
import type { VaultConnection } from "./settings.ts";

const loginMs = 10_000;
const revokeMs = 2_000;
const secondMs = 1_000;

export interface CredentialsSetup {
  readonly connection: VaultConnection;
  readonly ownLogins: OwnLogins;
  readonly nodes: () => Promise<Nodes>;
  readonly clock: Clock;
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  /** Ends logins and renewals that nobody waits for any more. */
  readonly signal: Cancellation;
}

type Asking = Pick<WireRequest, "method" | "path" | "body" | "token">;

const selfPaths = {
  lookup: vaultPath`auth/token/lookup-self`,
  renew: vaultPath`auth/token/renew-self`,
  revoke: vaultPath`auth/token/revoke-self`,
};

/** Rekey's own way into Vault: a given token, or an AppRole login. */
export const createCredentials = (setup: CredentialsSetup): Credentials => {
  const ask = async (asking: Asking, deadlineMs: number): Promise<Reply> => {
    const end = deadlineOf({ signal: setup.signal, deadlineMs }, setup.clock);
    const nodes = await setup.nodes();
    return nodes.send({ ...asking, end }, { atActive: false });
  };
  const { auth } = setup.connection;
  return {
    login: () =>
      "token" in auth ? takeToken(setup, auth.token, ask) : loginByRole(setup, auth.approle, ask),
    renew: async (token) =>
      leaseOf(await ask({ method: "POST", path: selfPaths.renew, body: {}, token }, loginMs)),
    revoke: async (token) => {
      if ("token" in auth) return;
      await ask({ method: "POST", path: selfPaths.revoke, body: {}, token }, revokeMs);
    },
  };
};

type Ask = (asking: Asking, deadlineMs: number) => Promise<Reply>;

/** A given token is looked up once, for its length. A policy without that right leaves it unknown. */
const takeToken = async (setup: CredentialsSetup, reference: string, ask: Ask): Promise<Lease> => {
  const token = await resolved(setup, reference);
  const reply = await ask({ method: "GET", path: selfPaths.lookup, token }, loginMs);
  if (!isSuccess(reply)) {
    const error = errorOf(reply, false);
    if (error.kind !== "denied") throw error;
    return { token, ttlMs: undefined, renewable: false };
  }
  const found = bodyOf(reply)?.["data"];
  const { ttl, renewable } = isRecord(found) ? found : {};
  return { token, ttlMs: millisecondsOf(ttl), renewable: renewable === true };
};

type AppRole = Extract<VaultConnection["auth"], { approle: unknown }>["approle"];

const loginByRole = async (setup: CredentialsSetup, role: AppRole, ask: Ask): Promise<Lease> => {
  const secretId = await resolved(setup, role.secretId);
  const body = loginBody(role.roleId, secretId);
  const path = vaultPath`auth/${segmentsOf(role.mount)}/login`;
  return await setup.ownLogins.attempt(nameOf(setup.connection, role), secretId, async () => {
    const reply = await ask({ method: "POST", path, body }, loginMs);
    if (!isSuccess(reply)) throw loginErrorOf(reply);
    return leaseOf(reply);
  });
};

const nameOf = ({ addresses, namespace }: VaultConnection, { mount, roleId }: AppRole): string =>
  JSON.stringify([addresses.toSorted(), namespace, mount, roleId]);

/** Answers of a Vault that is there: with none of them is the request at fault, as Rekey makes it. */
const refusals: Readonly<Partial<Record<VaultKind, string>>> = {
  // A wrong, used-up or destroyed secret id is a malformed request to Vault, and so is one from elsewhere.
  invalid: "LOGIN_REFUSED",
  "dead-token": "LOGIN_REFUSED",
  cas: "LOGIN_REFUSED",
  // A locked role, and a mount that is not there: without a token Vault does not tell them apart.
  denied: "LOGIN_LOCKED",
  "not-found": "LOGIN_LOCKED",
};

const loginErrorOf = (reply: Reply): VaultError => {
  const error = errorOf(reply, false);
  const providerCode = refusals[error.kind];
  if (providerCode === undefined) return error;
  const { phrase } = error;
  return new VaultError({ kind: "dead-token", providerCode, status: reply.status, phrase });
};

const leaseOf = (reply: Reply): Lease => {
  if (!isSuccess(reply)) throw errorOf(reply, false);
  const auth = bodyOf(reply)?.["auth"];
  const { client_token: token, lease_duration: ttl, renewable } = isRecord(auth) ? auth : {};
  if (typeof token !== "string") {
    throw new VaultError({ kind: "unreachable", providerCode: "GARBLED", status: reply.status });
  }
  return {
    token: Secret.fromUtf8(token),
    ttlMs: millisecondsOf(ttl),
    renewable: renewable === true,
  };
};

const millisecondsOf = (ttl: unknown): number | undefined =>
  typeof ttl === "number" && ttl > 0 ? ttl * secondMs : undefined;

const resolved = async (setup: CredentialsSetup, reference: string): Promise<Secret> => {
  try {
    return await setup.resolveSecret(reference);
  } catch {
    throw new VaultError({ kind: "unreachable", providerCode: "SECRET_UNRESOLVED" });
  }
};
