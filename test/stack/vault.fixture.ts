import { askVault, StackFault, type RunningVault } from "@rekey/stack";
import type { LoginAnswer } from "./connect.ts";

/** Vault as its administrator and as whoever holds a secret id see it: never through Rekey. */
export interface VaultWitness {
  readonly vault: RunningVault;
  /** The fields of a document, as any reader of it gets them; undefined where there is none. */
  document(path: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Metadata of each secret id of a role. */
  secretIdsOf(role: string): Promise<readonly Readonly<Record<string, string>>[]>;
  logIn(roleId: string, secretId: string): Promise<LoginAnswer>;
  write(path: string, body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  read(path: string): Promise<Record<string, unknown>>;
}

export const witnessOf = (vault: RunningVault): VaultWitness => {
  const ask = async (
    method: "GET" | "PUT",
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ) =>
    await askVault(vault.address, {
      method,
      path,
      token: vault.rootToken,
      ...(body === undefined ? {} : { body }),
    });
  const found = async (path: string): Promise<Record<string, unknown> | undefined> => {
    try {
      return await ask("GET", path);
    } catch (error) {
      if (error instanceof StackFault && error.message.includes("answered 404")) return undefined;
      throw error;
    }
  };
  const place = "auth/approle/role";
  return {
    vault,
    document: async (path) => {
      const answer = await found(`secret/data/${path}`);
      return (answer?.["data"] as { readonly data?: Record<string, string> } | undefined)?.data;
    },
    secretIdsOf: async (role) => {
      const listed = await found(`${place}/${role}/secret-id?list=true`);
      const { keys = [] } = (listed?.["data"] ?? {}) as { readonly keys?: readonly string[] };
      return await Promise.all(
        keys.map(async (accessor) => {
          const body = { secret_id_accessor: accessor };
          const { data } = await ask("PUT", `${place}/${role}/secret-id-accessor/lookup`, body);
          return (data as { readonly metadata: Record<string, string> }).metadata;
        }),
      );
    },
    logIn: async (role_id, secret_id) => await loginAnswer(vault.address, { role_id, secret_id }),
    write: async (path, body) => await ask("PUT", path, body),
    read: async (path) => await ask("GET", path),
  };
};

const loginMsMax = 20_000;

const loginAnswer = async (
  address: string,
  body: Readonly<Record<string, string>>,
): Promise<LoginAnswer> => {
  const answer = await fetch(`${address}/v1/auth/approle/login`, {
    method: "PUT",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(loginMsMax),
  }).catch(() => undefined);
  if (answer === undefined) return "unknown";
  const text = await answer.text();
  if (answer.status === 200) return "alive";
  return answer.status === 400 && text.includes("invalid role or secret ID")
    ? "refused"
    : "unknown";
};
