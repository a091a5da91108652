import { decodeReply, refusedSchema, type ApiRoute, type Refused } from "@rekey/contracts";
import { faultCodes } from "@rekey/domain";
import type { z } from "zod";
import { CommandFailure, exitCodes } from "../failure.ts";
import type { Outgoing, Transport } from "./outgoing.ts";

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

/** The gateway's API by the contract's table of routes. Throws CommandFailure only. */
export interface GatewayClient {
  call<Route extends ApiRoute>(route: Route, asked?: Asked<Route>): Promise<Replied<Route>>;
}

/** Beyond the wait a long poll asks for. */
const answerMsMax = 30_000;

export const gatewayClient = (transport: Transport): GatewayClient => ({
  call: async (route, asked = {}) => {
    const { status, text } = await transport(requestOf(route, asked));
    const wire = parsed(text);
    if (status < 200 || status > 299) throw refusedFailure(status, wire);
    const reply = decodeReply(route.reply, wire);
    if (reply.problems !== undefined) throw otherBuild(reply.problems[0]?.path);
    return { value: reply.value as never, wire };
  },
});

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

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
    return new CommandFailure(`${status} was answered without a reason`, {
      exitCode: exitCodes.refused,
      next: "something in front of the gateway may have answered: look there, and at the URL",
    });
  const [reason = data.reason, next] = data.reason.split("; next: ");
  const known = next ?? credentialNext(reason) ?? nextOf(data.refused);
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
  UNAUTHENTICATED:
    "give a token with --token file:<path> or env:<NAME> (REKEY_TOKEN), or a certificate with --cert and --key, that the gateway's configuration knows",
  INTERNAL: "look for the request's id in the gateway's log",
};

const credentialTexts: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: "get a new token and put it where --token (REKEY_TOKEN) leads",
  CERTIFICATE_EXPIRED: "get a new certificate for --cert and --key",
  CERTIFICATE_UNTRUSTED: "use a certificate that an authority of gateway.tcp.tls.clientCa signed",
};

/** What a person does about a credential that was not accepted, by the code in the reason. */
const credentialNext = (reason: string): string | undefined =>
  credentialTexts[/\(([A-Z_]+)\)$/.exec(reason)?.[1] ?? ""];

const nextOf = (code: Refused["refused"]): string | undefined =>
  code in faultCodes ? faultCodes[code as keyof typeof faultCodes].next : refusalNext[code];
