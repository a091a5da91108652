import { request, type IncomingMessage } from "node:http";
import { decodeReply, refusedSchema, type ApiRoute, type Refused } from "@rekey/contracts";
import { faultCodes } from "@rekey/domain";
import type { z } from "zod";
import { CommandFailure, exitCodes } from "./failure.ts";

export interface Asked<Route extends ApiRoute> {
  readonly params?: z.input<Route["params"]>;
  readonly query?: z.input<Route["query"]>;
  readonly body?: z.input<Route["body"]>;
}

/** The reply as code uses it, and as it stood on the wire: what `--json` prints. */
export interface Replied<Route extends ApiRoute> {
  readonly value: z.output<Route["reply"]>;
  readonly wire: unknown;
}

/** The gateway's API over its Unix socket, by the contract's table of routes. Throws CommandFailure only. */
export interface GatewayClient {
  call<Route extends ApiRoute>(route: Route, asked?: Asked<Route>): Promise<Replied<Route>>;
}

/** Beyond the wait a long poll asks for. */
const answerMsMax = 30_000;
const answerBytesMax = 64 * 1024 * 1024;

export const gatewayClient = (socketPath: string): GatewayClient => ({
  call: async (route, asked = {}) => {
    const { status, text } = await send(socketPath, requestOf(route, asked));
    const wire = parsed(text);
    if (status < 200 || status > 299) throw refusedFailure(status, wire);
    const reply = decodeReply(route.reply, wire);
    if (reply.problems !== undefined) throw otherBuild(reply.problems[0]?.path);
    return { value: reply.value as never, wire };
  },
});

interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly content: string | undefined;
  readonly deadlineMs: number;
}

const requestOf = <Route extends ApiRoute>(
  { method, path }: Route,
  { params, query, body }: Asked<Route>,
): Outgoing => {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Record<string, string> | undefined)?.[name] ?? ""),
  );
  const search = new URLSearchParams((query ?? {}) as Record<string, string>);
  const waitMs = Number(search.get("waitMs") ?? 0);
  return {
    method,
    path: search.size === 0 ? filled : `${filled}?${search.toString()}`,
    content: method === "GET" ? undefined : JSON.stringify(body ?? {}),
    deadlineMs: waitMs + answerMsMax,
  };
};

interface Received {
  readonly status: number;
  readonly text: string;
}

const send = async (socketPath: string, outgoing: Outgoing): Promise<Received> => {
  const { method, path, content, deadlineMs } = outgoing;
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({
        socketPath,
        method,
        path,
        agent: false,
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          accept: "application/json",
          ...(content !== undefined && { "content-type": "application/json" }),
        },
      });
      call.once("response", resolve).once("error", reject).end(content);
    });
    return { status: answer.statusCode ?? 0, text: await textOf(answer) };
  } catch (error) {
    throw unreachable(socketPath, error);
  }
};

const textOf = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > answerBytesMax) throw new RangeError("the answer is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const startIt =
  "start it with `rekey up`, or name its socket with --socket or REKEY_SOCKET if it runs elsewhere";

const found: Readonly<Record<string, string>> = {
  ENOENT: "there is no socket",
  ECONNREFUSED: "nobody listens",
  EACCES: "it belongs to another user",
  ABORT_ERR: "it does not answer in time",
};

const unreachable = (socketPath: string, error: unknown): CommandFailure => {
  const { code, name } = error as { code?: string; name?: string };
  const why = found[name === "AbortError" || name === "TimeoutError" ? "ABORT_ERR" : (code ?? "")];
  return new CommandFailure(
    `no gateway answers at ${socketPath}: ${why ?? `the connection failed (${code ?? "unknown"})`}`,
    { exitCode: exitCodes.unreachable, next: startIt },
  );
};

const otherBuild = (path: string | undefined): CommandFailure =>
  new CommandFailure(`the gateway's answer has another shape at ${path ?? "its root"}`, {
    exitCode: exitCodes.refused,
    next: "run the command line of the same build as the gateway",
  });

const inputCodes: ReadonlySet<Refused["refused"]> = new Set(["INVALID", "TOO_LARGE"]);

const refusedFailure = (status: number, wire: unknown): CommandFailure => {
  const { data } = refusedSchema.safeParse(wire);
  if (data === undefined)
    return new CommandFailure(`the gateway answered ${status} without a reason`, {
      exitCode: exitCodes.refused,
    });
  const [reason = data.reason, next] = data.reason.split("; next: ");
  const known = next ?? nextOf(data.refused);
  return new CommandFailure(reason, {
    exitCode: inputCodes.has(data.refused) ? exitCodes.badInput : exitCodes.refused,
    code: data.refused,
    ...(data.problems !== undefined && { problems: data.problems }),
    ...(known !== undefined && { next: known }),
  });
};

const refusalNext: Partial<Record<Refused["refused"], string>> = {
  SAME_PERSON: "ask another person with the role approver",
  PAUSED: "`rekey unpause --reason …` lets effects go on",
  INTERNAL: "look for the request's id in the gateway's log",
};

const nextOf = (code: Refused["refused"]): string | undefined =>
  code in faultCodes ? faultCodes[code as keyof typeof faultCodes].next : refusalNext[code];
