import { readFile } from "node:fs/promises";
import {
  createSecretSources,
  SecretFault,
  type Environment,
  type SecretSource,
  type WallClock,
} from "@rekey/runtime";
import { badInput } from "../failure.ts";
import type { NetworkTarget } from "./target.ts";

/** What is shown to a gateway over the network, read anew for every call. */
export interface Shown {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

interface Place {
  readonly environment: Environment;
  readonly clock: WallClock;
}

/** Throws exit 2 for a file that cannot be read, a variable that is not set, or a token that is none. */
export const openCredentials = (
  { token, ca, identity }: NetworkTarget,
  { environment, clock }: Place,
): (() => Promise<Shown>) => {
  const source = token && createSecretSources({ environment, clock })(token);
  return async () => ({
    headers: source === undefined ? {} : { authorization: `Bearer ${await read(source)}` },
    tls: {
      ...(ca !== undefined && { ca: await pem("--ca", ca) }),
      ...(identity !== undefined && {
        cert: await pem("--cert", identity.certificate),
        key: await pem("--key", identity.key),
      }),
    },
  });
};

// A token is three parts of base64url; whatever else a file holds must not become a header.
const tokenPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const read = async (source: SecretSource): Promise<string> => {
  const secret = await source.read().catch((error: unknown) => {
    const reason = error instanceof SecretFault ? error.publicText : "cannot be read";
    throw badInput("the token cannot be read", [{ path: "--token", reason }]);
  });
  const token = secret.reveal().trim();
  if (tokenPattern.test(token)) return token;
  throw badInput("the token cannot be used", [
    { path: "--token", reason: "does not lead to a JSON Web Token" },
  ]);
};

const pem = async (option: string, path: string): Promise<Buffer> =>
  await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = `${path} cannot be read (${error.code ?? "unknown"})`;
    throw badInput("a file of the connection cannot be read", [{ path: option, reason }]);
  });
