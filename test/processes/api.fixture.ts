import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { decodeReply, type ApiRoute } from "@rekey/contracts";
import type { z } from "zod";

const callMsMax = 35_000;

interface Asked<Route extends ApiRoute> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: z.input<Route["body"]>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The gateway's API over its Unix socket, by plain HTTP. */
export interface Api {
  /** One call of the contract; throws for every answer that is no success, with its text. */
  ask<Route extends ApiRoute>(
    route: Route,
    asked?: Asked<Route>,
  ): Promise<z.output<Route["reply"]>>;
  /** Any request at all. */
  send(method: "GET" | "POST", path: string, body?: string | Buffer): Promise<Answer>;
}

export const openApi = (socketPath: string): Api => {
  const send: Api["send"] = async (method, path, body) => {
    const call = request({
      socketPath,
      method,
      path,
      agent: false,
      signal: AbortSignal.timeout(callMsMax),
      headers: body === undefined ? {} : { "content-type": "application/json" },
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    call.once("response", answered.resolve).once("error", answered.reject).end(body);
    const answer = await answered.promise;
    return { status: answer.statusCode ?? 0, text: await text(answer) };
  };
  return {
    send,
    ask: async (route, { params = {}, query = {}, body } = {}) => {
      const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) =>
        encodeURIComponent(params[name] ?? ""),
      );
      const search = new URLSearchParams(query).toString();
      const whole = search === "" ? path : `${path}?${search}`;
      const content = route.method === "POST" ? JSON.stringify(body ?? {}) : undefined;
      const answer = await send(route.method, whole, content);
      if (answer.status !== 200)
        throw new Error(`${route.method} ${whole} answered ${answer.status}: ${answer.text}`);
      const reply = decodeReply(route.reply, JSON.parse(answer.text));
      if (reply.problems !== undefined)
        throw new Error(`the reply of ${whole}: ${JSON.stringify(reply.problems)}`);
      return reply.value as never;
    },
  };
};
