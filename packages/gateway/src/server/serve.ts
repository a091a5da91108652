import {
  acceptedReply,
  encodeReply,
  nothing,
  parseJsonStrict,
  parseWith,
  type ApiRoute,
  type Parsed,
} from "@rekey/contracts";
import { isRefusal, refuse, type Actor, type ConsumerId, type Refusal } from "@rekey/domain";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";
import type { ReceivedBody } from "./body.ts";
import { recordRejected } from "./record-rejected.ts";
import { invalid, refusedAnswer, type Keeps } from "./refused.ts";

/** A call after authorisation and validation. */
interface Asked<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Its roles allow the route's command. */
  readonly actor: Actor;
  /** A workload speaks for this consumer alone. */
  readonly speaksFor?: ConsumerId;
  readonly requestId: string;
  /** The body as it arrived; empty where there was none. */
  readonly bytes: Uint8Array;
  /** Aborts when the client hangs up or the gateway closes. */
  readonly signal: AbortSignal;
}

type Answer<Asking, Reply> = (asked: Asking) => Promise<Reply | Refusal>;

interface ServeOptions<Reply> {
  /** The HTTP status of a reply that is not simply a success. */
  readonly status?: (reply: Reply) => number;
  /** What was refused here is a signal that was meant to arrive: it is recorded too. */
  readonly recordsRejected?: boolean;
}

export type Serve = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
>(
  route: ApiRoute<Params, Query, Body, Reply>,
  answer: Answer<Asked<z.output<Params>, z.output<Query>, z.output<Body>>, z.output<Reply>>,
  options?: ServeOptions<z.output<Reply>>,
) => void;

/** Makes HTTP routes of the contract's table: who may, is it valid, ask, encode. */
export const createServe =
  (app: FastifyInstance, parts: GatewayParts): Serve =>
  (route, answer, options = {}) => {
    type Asking = Parameters<typeof answer>[0];
    const serveOne = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const asked = await ask(route, parts, { request, reply });
      const answered = isRefusal(asked) ? asked : await answer(asked as Asking);
      if (!isRefusal(answered)) {
        reply.status(options.status?.(answered as never) ?? 200);
        return encodeReply(route.reply, answered as never);
      }
      if (options.recordsRejected === true) await recordRejected(parts, request, answered);
      const { status, body } = refusedAnswer(answered);
      reply.status(status);
      return body;
    };
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyBytesMax,
      config: {
        access: route.command === undefined ? "open" : { command: route.command },
        keeps: keepsOf(route),
      },
      handler: serveOne,
    });
  };

const keepsOf = ({ method, reply }: ApiRoute): Keeps => {
  if (method === "GET") return "nothing";
  return reply === acceptedReply ? "record" : "rows";
};

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const ask = async (
  route: ApiRoute,
  parts: GatewayParts,
  exchange: Exchange,
): Promise<Asked | Refusal> => {
  const { request } = exchange;
  const consumer = request.caller?.consumer;
  const body = bodyOf(route, request.body as ReceivedBody | undefined);
  if (isRefusal(body)) return body;
  const parsed = {
    params: parseWith(route.params, { ...(request.params as object) }),
    query: parseWith(route.query, { ...(request.query as object) }),
    body,
  };
  const problems = Object.values(parsed).flatMap((part: Parsed<unknown>) => part.problems ?? []);
  if (problems.length > 0) return invalid("the request has problems", problems);
  return {
    params: parsed.params.value,
    query: parsed.query.value,
    body: parsed.body.value,
    actor: request.caller?.actor ?? nobody,
    ...(consumer !== undefined && { speaksFor: consumer }),
    requestId: request.id,
    bytes: (request.body as ReceivedBody | undefined)?.bytes ?? new Uint8Array(),
    signal: hangUp(exchange, parts.closing),
  };
};

/** Asks for liveness and the like: open to all, and nothing else is. */
const nobody: Actor = { id: "nobody", authenticated: "internal", roles: [] };

const bodyOf = (route: ApiRoute, received: ReceivedBody | undefined): Parsed<unknown> | Refusal => {
  if (received === undefined || received.bytes.length === 0) {
    return received?.tooLarge === true ? tooLarge(route) : parseWith(route.body, {}, bodyRoot);
  }
  if (received.tooLarge) return tooLarge(route);
  if (!received.isJson && route.body !== nothing)
    return invalid("the body is not JSON", [
      { path: "content-type", reason: "must be application/json" },
    ]);
  const json = parseJsonStrict(received.bytes, { bytesMax: route.bodyBytesMax });
  if (json.problems !== undefined) return invalid("the body cannot be read", json.problems);
  return parseWith(route.body, json.value, bodyRoot);
};

const bodyRoot = "";

const tooLarge = (route: ApiRoute): Refusal =>
  refuse("TOO_LARGE", `the body is larger than ${route.bodyBytesMax} bytes: split it`);

const hangUp = ({ reply }: Exchange, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
};
