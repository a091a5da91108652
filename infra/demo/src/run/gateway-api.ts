import { request, type IncomingMessage } from "node:http";
import { decodeReply, type ApiRoute } from "@rekey/contracts";
import type { z } from "zod";

const answerBytesMax = 16 * 1024 * 1024;
const callMsMax = 35_000;

interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** The gateway's API over its socket, by the published routes. */
export interface GatewayApi {
  /** Throws for every answer that is not a success and for a reply that its schema does not know. */
  call<Reply extends z.ZodType>(
    route: Pick<ApiRoute, "method" | "path"> & { readonly reply: Reply },
    options: CallOptions,
  ): Promise<z.output<Reply>>;
}

export const openGatewayApi = (socketPath: string): GatewayApi => ({
  call: async (route, options) => {
    const { status, text } = await send(socketPath, route, options);
    if (status < 200 || status > 299)
      throw new Error(`${route.method} ${route.path} answered ${status}: ${text.slice(0, 500)}`);
    const reply = decodeReply(route.reply, JSON.parse(text));
    if (reply.problems === undefined) return reply.value;
    const problems = reply.problems.map(({ path, reason }) => `${path} ${reason}`).join("; ");
    throw new Error(`the reply of ${route.path} is not what was published: ${problems}`);
  },
});

const send = async (
  socketPath: string,
  route: Pick<ApiRoute, "method" | "path">,
  { params = {}, query = {}, body, signal }: CallOptions,
): Promise<{ readonly status: number; readonly text: string }> => {
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const search = new URLSearchParams(query).toString();
  const content = body === undefined ? undefined : JSON.stringify(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({
      socketPath,
      method: route.method,
      path: search === "" ? path : `${path}?${search}`,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(callMsMax)]),
      headers: {
        accept: "application/json",
        ...(content === undefined ? {} : { "content-type": "application/json" }),
      },
    });
    call.once("response", resolve).once("error", reject).end(content);
  });
  return { status: answer.statusCode ?? 0, text: await textOf(answer) };
};

const textOf = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > answerBytesMax) throw new RangeError("the gateway's answer is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};
