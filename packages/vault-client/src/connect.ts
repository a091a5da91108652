import type { Secret } from "@rekey/secret";
import nodeVault from "node-vault";
import type { Reply } from "./answer.ts";
import type { Deadline } from "./deadline.ts";
import type { Exchange } from "./exchange.ts";
import type { VaultPath } from "./path.ts";

/** One request of one node. A `body` that is text is JSON already. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: VaultPath;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>> | string;
  /** None: no token is sent. */
  readonly token?: Secret | undefined;
  readonly end: Deadline;
  readonly connectMs: number | undefined;
  readonly silenceMs: number | undefined;
}

/** One address of Vault. */
export interface NodeConnection {
  readonly address: string;
  send(request: WireRequest): Promise<Reply>;
}

/** What node-vault hands to the transport: our own options and what it adds. */
interface Outgoing {
  readonly uri: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly wire: WireRequest;
}

const quiet = (): void => {};

/**
 * node-vault without its own transport, debugging, templates and commands: see README.md. Every reply goes
 * through it as a success, because its errors hold the body, and a path with `sys/health` in it makes it
 * swallow them; what a reply means is decided in answer.ts.
 */
export const connectNode = (
  exchange: Exchange,
  { address, namespace }: { readonly address: string; readonly namespace: string | undefined },
): NodeConnection => {
  const transport = async ({ uri, method, headers, wire }: Outgoing) => {
    const { end, connectMs, silenceMs } = wire;
    const asked = { url: uri, method, headers: { ...headers }, body: bodyText(wire) };
    return {
      statusCode: 200,
      body: await exchange.send({ ...asked, end, connectMs, silenceMs }),
      request: { path: "" },
    };
  };
  const client = nodeVault({
    endpoint: new URL(address).origin,
    noCustomHTTPVerbs: true,
    debug: quiet,
    commands: {},
    "request-promise": { defaults: () => transport },
  });
  // The library falls back on VAULT_TOKEN, VAULT_PREFIX and VAULT_NAMESPACE: whatever this process has there is not ours.
  Object.assign(client, { token: "", pathPrefix: "", namespace: namespace ?? "" });
  return {
    address,
    send: async (wire) => {
      const { method, path, query, token } = wire;
      const headers = { "x-vault-request": "true", ...tokenHeader(token) };
      const target = `/${path.text}${queryText(query)}`;
      return (await client.request({ method, path: target, headers, wire })) as Reply;
    },
  };
};

/** What proves who Rekey is, as the login wants it. */
export const loginBody = (roleId: string, secretId: Secret): string =>
  JSON.stringify({ role_id: roleId, secret_id: withoutNewline(secretId) });

/** Certificates are public; they come by reference so that a renewed bundle is read again. */
export const pemOf = (ca: Secret): string => ca.reveal();

const tokenHeader = (token: Secret | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { "x-vault-token": withoutNewline(token) };

// A file that an editor or an agent wrote ends with a newline, which no header may hold.
const withoutNewline = (secret: Secret): string => secret.reveal().trim();

const bodyText = ({ body }: WireRequest): string | undefined =>
  body === undefined || typeof body === "string" ? body : JSON.stringify(body);

const queryText = (query: Readonly<Record<string, string>> = {}): string => {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
};
