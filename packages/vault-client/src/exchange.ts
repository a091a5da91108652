import { Agent as PlainAgent, request as plainRequest, type ClientRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Clock } from "@rekey/domain";
import type { Reply } from "./answer.ts";
import type { Deadline } from "./deadline.ts";

const replyBytesMax = 8 * 1_048_576;
const socketsMax = 64;
// Below Vault's own idle limit (5 min), so that a socket is not used in the moment in which it is closed.
const idleSocketMs = 60_000;

interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly end: Deadline;
  /** Longest that this node may take until the connection stands, where the rest belongs to the next node. */
  readonly connectMs: number | undefined;
  /** Longest until the whole reply is there; the call's end where it is left out. */
  readonly silenceMs: number | undefined;
}

/** No reply. `sent`: the request may have reached the server. It has no cause: Node's errors may hold headers. */
export class ExchangeFailure extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(code: string, sent: boolean) {
    super(code);
    this.name = "ExchangeFailure";
    this.code = code;
    this.sent = sent;
  }
}

export interface Exchange {
  /** Follows no redirect. Throws ExchangeFailure. */
  send(request: HttpRequest): Promise<Reply>;
  /** Ends every connection. */
  close(): void;
}

/** HTTP with connections of its own that end with it; Node's `fetch` has neither that nor an authority to trust per client. */
export const openExchange = (clock: Clock, ca: string | undefined): Exchange => {
  const options = { keepAlive: true, maxSockets: socketsMax, timeout: idleSocketMs };
  const plain = new PlainAgent(options);
  const tls = new TlsAgent({
    ...options,
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca }),
  });
  const open = (request: HttpRequest): ClientRequest => {
    const { method } = request;
    const headers = headersOf(request);
    return request.url.startsWith("https:")
      ? tlsRequest(request.url, { method, headers, agent: tls })
      : plainRequest(request.url, { method, headers, agent: plain });
  };
  return {
    send: (request) => converse(open(request), request, clock),
    close: () => {
      plain.destroy();
      tls.destroy();
    },
  };
};

const headersOf = ({ headers, body }: HttpRequest): Record<string, string> =>
  body === undefined
    ? { ...headers }
    : {
        ...headers,
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
      };

/** `reusedSocket` is no answer: Node leaves it unset on what waited for a socket and was given a used one. */
const stands = (socket: Socket): boolean => {
  if (socket.connecting) return false;
  if (!(socket instanceof TLSSocket)) return true;
  const protocol = socket.getProtocol();
  return protocol !== null && protocol !== "unknown";
};

const converse = async (
  outgoing: ClientRequest,
  { body, end, connectMs, silenceMs }: HttpRequest,
  clock: Clock,
): Promise<Reply> => {
  const over = Promise.withResolvers<Reply>();
  let connected = false;
  const fail = (code: string): void => over.reject(new ExchangeFailure(code, connected));
  const within = (milliseconds: number | undefined, callback: () => void): (() => void) =>
    milliseconds === undefined ? () => {} : clock.after(milliseconds, callback);
  const cancelConnect = within(connectMs, () => {
    if (!connected) fail("CONNECT_TIMEOUT");
  });
  const cancelSilence = within(silenceMs, () => fail("SILENT"));
  const cancelEnd = end.onEnd(fail);
  outgoing.once("socket", (socket) => {
    const ready = (): void => {
      connected = true;
    };
    if (stands(socket)) ready();
    else socket.once("encrypted" in socket ? "secureConnect" : "connect", ready);
  });
  outgoing.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "NETWORK"));
  outgoing.once("response", (incoming) => void collect(incoming).then(over.resolve, fail));
  outgoing.end(body);
  try {
    return await over.promise;
  } catch (error) {
    outgoing.destroy();
    throw error;
  } finally {
    cancelConnect();
    cancelSilence();
    cancelEnd();
  }
};

/** The whole reply; rejects with a code when it is too large or cut off. */
const collect = (incoming: IncomingMessage): Promise<Reply> =>
  new Promise((resolve, reject: (code: string) => void) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      chunks.push(chunk);
      if (bytes > replyBytesMax) reject("REPLY_TOO_LARGE");
    });
    incoming.once("error", (error: NodeJS.ErrnoException) => reject(error.code ?? "NETWORK"));
    incoming.once("close", () => reject("CUT_OFF"));
    incoming.once("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const retryAfter = incoming.headers["retry-after"];
      resolve({ status: incoming.statusCode ?? 0, text, retryAfter });
    });
  });
