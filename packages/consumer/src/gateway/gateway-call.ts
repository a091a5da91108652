import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { isLoopback } from "@rekey/domain";
import type { Secret } from "@rekey/secret";

/**
 * A Unix socket, or an URL: https, or http to this machine. `ca` is the PEM of the authorities that the gateway's
 * certificate is trusted by, where they are private.
 */
export type GatewayEndpoint =
  | { readonly socketPath: string }
  | { readonly url: string; readonly ca?: string };

export interface GatewayAccess {
  /** Replicas may be several: when one does not answer, or has no answer now, the next is asked. */
  readonly endpoint: GatewayEndpoint | readonly GatewayEndpoint[];
  /** Asked at every call, so that it may change. */
  readonly bearer: () => Promise<Secret>;
}

interface GatewayCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const answerBytesMax = 1_048_576;

/** The gateway answered with something else than success. Holds the status and nothing of the answer. */
export class GatewayRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the gateway answered ${status}`);
    this.name = "GatewayRefusal";
    this.status = status;
  }
}

type CallGateway = (call: GatewayCall) => Promise<unknown>;

/**
 * The parsed body of a 2xx answer; throws for anything else. The replica that answered last is asked first. Calls
 * may reach two of them, so each has to be one that may be repeated.
 */
export const gatewayCalls = (access: GatewayAccess): CallGateway => {
  const endpoints = [access.endpoint].flat() as readonly GatewayEndpoint[];
  let preferred = 0;
  return async (call) => {
    let failure: unknown = new TypeError("no gateway is named");
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const endpoint = endpoints[preferred];
      if (endpoint === undefined) break;
      try {
        return await callEndpoint(endpoint, access, call);
      } catch (error) {
        failure = error;
        if (call.signal.aborted || isItsAnswer(error)) break;
        preferred = (preferred + 1) % endpoints.length;
      }
    }
    throw failure;
  };
};

const serverErrors = 500;

/** A refusal is the same at every replica; what only this one cannot do is not. */
const isItsAnswer = (error: unknown): boolean =>
  error instanceof GatewayRefusal && error.status < serverErrors;

/** One call on a connection of its own. */
const callEndpoint = async (
  endpoint: GatewayEndpoint,
  access: GatewayAccess,
  call: GatewayCall,
): Promise<unknown> => {
  const bearer = await access.bearer();
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(call.deadlineMs)]);
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(endpoint, {
      method: call.method,
      path: call.path,
      signal,
      agent: false,
      headers: {
        authorization: `Bearer ${bearer.reveal()}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
    });
    request.once("response", resolve).once("error", reject);
    request.end(body);
  });
  const text = await readBounded(answer);
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw new GatewayRefusal(status);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
};

const open = (endpoint: GatewayEndpoint, options: RequestOptions): ClientRequest => {
  if ("socketPath" in endpoint) return httpRequest({ ...options, socketPath: endpoint.socketPath });
  const url = new URL(options.path ?? "/", endpoint.url);
  const trust = endpoint.ca === undefined ? {} : { ca: endpoint.ca };
  if (url.protocol === "https:") return httpsRequest(url, { ...options, ...trust });
  if (url.protocol !== "http:" || !isLoopback(url.hostname)) {
    throw new TypeError("a gateway on another machine needs https");
  }
  return httpRequest(url, options);
};

const readBounded = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > answerBytesMax) throw new RangeError("the gateway's answer is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};
