import type { Refused } from "@rekey/contracts";
import { authorise, type CommandName, type Refusal } from "@rekey/domain";
import type { Log } from "@rekey/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../network/caller.ts";
import type { Denial, DenialCode } from "../network/denial.ts";
import { retryAfterSeconds } from "../network/failed-attempts.ts";
import type { Door, Doors } from "./door.ts";
import { refusedAnswer, type Keeps, type RefusedAnswer } from "./refused.ts";

/** What a route asks of its caller: nothing, only to be known, or that its roles allow the command. */
type Access = "open" | "known" | { readonly command: CommandName };

declare module "fastify" {
  interface FastifyContextConfig {
    /** A route that does not say is for callers that are known. */
    readonly access?: Access;
    /** Tells whoever met a fault whether to repeat. */
    readonly keeps?: Keeps;
  }
  interface FastifyRequest {
    /** Null where the route is open. */
    caller: Caller | null;
  }
}

/** Before a body is read: who asks, and whether they may. What no route answers is for known callers too. */
export const guardAccess = (
  app: FastifyInstance,
  { doors, log }: { readonly doors: Doors; readonly log: Log },
): void => {
  app.decorateRequest("caller", null);
  app.addHook("onRequest", async (request, reply) => {
    const { access = "known" } = request.routeOptions.config;
    if (access === "open") return;
    const door = doors.of(request.raw);
    const found = door === undefined ? nowhere : await door.identify(request.raw);
    if ("actor" in found) {
      request.caller = found;
      const refusal = access === "known" ? undefined : refusalOf(found, access.command);
      if (refusal === undefined) return;
      const route = request.routeOptions.url ?? "unknown";
      log.warn("a caller's roles do not allow a call", { route, requestId: request.id });
      return await answer(reply, refusedAnswer(refusal));
    }
    if ("unavailable" in found) return await tellUnavailable({ request, reply, log }, found);
    return await deny({ request, reply, log }, found.denied, door);
  });
};

/** A request that came by no door is a bug of ours, and nobody's. */
const nowhere: Denial = { denied: "DOOR_UNKNOWN" };

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly log: Log;
}

const answer = async (
  reply: FastifyReply,
  { status, body }: { readonly status: number; readonly body: Refused },
): Promise<FastifyReply> => await reply.status(status).send(body);

const refusalOf = ({ actor, rolesBy }: Caller, command: CommandName): Refusal | undefined => {
  const refusal = authorise(actor, command);
  if (refusal === undefined) return undefined;
  const has = actor.roles.length === 0 ? "no role" : `the roles ${actor.roles.join(", ")}`;
  return { ...refusal, reason: `${refusal.reason}; ${actor.id} has ${has}; next: ${rolesBy}` };
};

const deny = async (
  { request, reply, log }: Exchange,
  code: DenialCode,
  door: Door | undefined,
): Promise<FastifyReply> => {
  const host = request.ip;
  const attempt = door?.failures?.failed(host) ?? "counted";
  const route = request.routeOptions.url ?? "unknown";
  if (attempt === "counted")
    log.warn("a credential was not accepted", { code, host, route, requestId: request.id });
  if (attempt === "first-over")
    log.warn("an address has too many credentials that are not accepted", { host });
  if (attempt !== "counted") {
    reply.header("retry-after", String(retryAfterSeconds));
    return await answer(reply, tooMany);
  }
  const isMissing = code === "CREDENTIAL_MISSING";
  const scheme = `${door?.scheme ?? "Bearer"} realm="rekey"`;
  reply.header("www-authenticate", isMissing ? scheme : `${scheme}, error="invalid_token"`);
  const reason = isMissing
    ? `this needs ${door?.missing ?? "a credential"}`
    : `the credential is not accepted (${code})`;
  return await answer(reply, { status: 401, body: { refused: "UNAUTHENTICATED", reason } });
};

const tooMany: RefusedAnswer = {
  status: 429,
  body: {
    refused: "RATE_LIMITED",
    reason: `too many credentials of this address were not accepted; next: wait ${retryAfterSeconds} s and ask with one that is`,
  },
};

const tellUnavailable = async (
  { request, reply, log }: Exchange,
  { unavailable, code }: Extract<Denial, { readonly unavailable: string }>,
): Promise<FastifyReply> => {
  log.error("the keys of an issuer of tokens cannot be read", {
    component: unavailable,
    code,
    requestId: request.id,
  });
  const reason = `the keys of gateway.${unavailable} cannot be read (${code}), so nobody can tell whether the token is good; next: ask again when its issuer answers`;
  return await answer(reply, { status: 503, body: { refused: "KEYS_UNAVAILABLE", reason } });
};
