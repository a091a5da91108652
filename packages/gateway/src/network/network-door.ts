import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { WallClock } from "@rekey/runtime";
import type { Door } from "../server/door.ts";
import { createBearerCheck } from "./bearer.ts";
import { certificateCaller, presentedBy } from "./certificate.ts";
import type { Caller } from "./caller.ts";
import type { Denial } from "./denial.ts";
import { createFailedAttempts } from "./failed-attempts.ts";
import type { GatewayListenOptions, MtlsOptions } from "./options.ts";

interface Known extends Pick<GatewayListenOptions, "jwt"> {
  readonly mtls?: MtlsOptions | undefined;
}

/** Who asks over the network: by a token where there is one, else by the client's certificate. */
export const createNetworkDoor = ({ jwt, mtls }: Known, clock: WallClock): Door => {
  const bearer = createBearerCheck(jwt, clock);
  const takesTokens = Object.keys(jwt).length > 0;
  const identify = async (request: IncomingMessage): Promise<Caller | Denial> => {
    const { authorization } = request.headers;
    if (authorization !== undefined && takesTokens) return await bearer(authorization);
    const presented = presentedOn(request);
    if (presented === undefined || mtls === undefined) return { denied: "CREDENTIAL_MISSING" };
    return certificateCaller(presented, mtls, clock.now());
  };
  return {
    identify,
    failures: createFailedAttempts(clock),
    scheme: takesTokens ? "Bearer" : "ClientCertificate",
    missing: [
      ...(takesTokens ? ["a bearer token in the header Authorization"] : []),
      ...(mtls === undefined ? [] : ["a client certificate"]),
    ].join(" or "),
  };
};

const presentedOn = ({ socket }: IncomingMessage) =>
  socket instanceof TLSSocket ? presentedBy(socket) : undefined;
