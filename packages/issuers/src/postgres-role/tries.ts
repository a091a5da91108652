import {
  assert,
  type Call,
  type Material,
  type PreparedProbe,
  type ProbeReply,
} from "@rekey/domain";
import type { LoginRequest, RoleServer } from "./client.ts";
import { guarded } from "./guarded.ts";
import { answerOf } from "./probe.ts";

/** One address at which consumers reach the server; proofs ask every one. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

interface Prober {
  readonly server: RoleServer;
  readonly endpoints: readonly Endpoint[];
}

type Tried = { readonly material: Material; readonly vantage: string };

/** Undefined where the material names no login. */
function loginOf({ endpoints }: Prober, { material, vantage }: Tried): LoginRequest | undefined {
  const endpoint = endpoints.find(({ name }) => name === vantage);
  assert(endpoint !== undefined, "a probe names a configured vantage");
  const { username, database } = material.fields;
  if (username === undefined || database === undefined) return undefined;
  const { host, port } = endpoint;
  return { host, port, database, user: username, password: material.secret };
}

/** One login, afresh. */
export async function probe(prober: Prober, tried: Tried, call: Call): Promise<ProbeReply> {
  const { vantage } = tried;
  const request = loginOf(prober, tried);
  if (request === undefined)
    return { answer: "unknown", strength: "weak", code: "fields-missing", vantage };
  return { ...answerOf(await prober.server.login(request, call)), vantage };
}

/** Only the strong refusal is taken from a login that began before it was wanted; all else is tried afresh. */
export function prepareProbe(prober: Prober, tried: Tried, call: Call): PreparedProbe | undefined {
  const request = loginOf(prober, tried);
  if (request === undefined) return undefined;
  const login = prober.server.holdLogin(request, call);
  return {
    finish: (own) =>
      guarded(own, async (budget) => {
        const answer = answerOf(await login.finish(budget));
        if (answer.answer === "dead" && answer.strength === "strong")
          return { ...answer, vantage: tried.vantage };
        return await probe(prober, tried, budget);
      }),
    drop: () => login.drop(),
  };
}
