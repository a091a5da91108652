import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import type { Adapter, Configuration, JWK } from "oidc-provider";
import { freePort } from "@rekey/stack";

/** An OpenID provider as bought, on 127.0.0.1: clients get signed tokens by their secret. */
export interface TokenProvider {
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly keysUrl: string;
  /** Every token that was given out. */
  issued(): readonly string[];
  /** How often somebody asked for the keys that sign. */
  keysAsked(): number;
  /** From now on another key signs, and the one before is not published any more. */
  rotate(): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

export interface TokenClient {
  readonly clientId: string;
  readonly secret: string;
  /** Whole seconds. */
  readonly lifeSeconds: number;
}

/** What the brokers expect in `aud`; a client may ask for a token for somebody else. */
export const audience = "urn:rekey:kafka";

const notAsked = async (): Promise<undefined> => undefined;

/** Its tokens carry everything: nothing is ever stored. */
const nothingStored = (): Adapter => ({
  upsert: notAsked,
  find: notAsked,
  findByUid: notAsked,
  findByUserCode: notAsked,
  consume: notAsked,
  destroy: notAsked,
  revokeByGrantId: notAsked,
});

const newKey = (kid: string): JWK => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid } as JWK;
};

const configured = (clients: readonly TokenClient[], key: JWK): Configuration => ({
  adapter: nothingStored,
  clients: clients.map(({ clientId, secret }) => ({
    client_id: clientId,
    client_secret: secret,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    scope: "kafka",
    token_endpoint_auth_method: "client_secret_post",
  })),
  jwks: { keys: [key] },
  scopes: ["kafka", "everything"],
  ttl: { ClientCredentials: (_context, token) => token.resourceServer?.accessTokenTTL ?? 1 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: (_context, resource, { clientId }) => ({
        scope: "kafka",
        audience: resource,
        accessTokenTTL: clients.find((one) => one.clientId === clientId)?.lifeSeconds ?? 1,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export async function startTokenProvider(clients: readonly TokenClient[]): Promise<TokenProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const issued: string[] = [];
  let keys = 0;
  let keysAsked = 0;
  const answering = (): Answer => {
    keys += 1;
    const provider = new Provider(issuer, configured(clients, newKey(`key-${keys}`)));
    provider.on("grant.success", ({ body }) => {
      issued.push((body as { readonly access_token: string }).access_token);
    });
    return provider.callback();
  };
  let answer = answering();
  let server: Server | undefined;
  const comeBack = async (): Promise<void> => {
    const next = createServer((request, response) => {
      if (request.url === "/jwks") keysAsked += 1;
      void answer(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      next.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    server = next;
  };
  const goDown = async (): Promise<void> => {
    const last = server;
    server = undefined;
    const closed = new Promise((resolve) => last?.close(resolve) ?? resolve(undefined));
    last?.closeAllConnections();
    await closed;
  };
  await comeBack();
  return {
    issuer,
    tokenUrl: `${issuer}/token`,
    keysUrl: `${issuer}/jwks`,
    issued: () => issued,
    keysAsked: () => keysAsked,
    rotate: async () => void (answer = answering()),
    goDown,
    comeBack,
  };
}

/** All that the brokers look at is right, but for who signed it. */
export function forgedToken(
  provider: TokenProvider,
  { subject, lifeSeconds }: { readonly subject: string; readonly lifeSeconds: number },
): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { sub: subject, iss: provider.issuer, aud: audience, iat, exp: iat + lifeSeconds };
  const [header = ""] = provider.issued().at(-1)?.split(".") ?? [];
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  const signature = sign("sha256", Buffer.from(signed), privateKey).toString("base64url");
  return `${signed}.${signature}`;
}
