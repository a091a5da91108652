import type { IncomingMessage, RequestOptions } from "node:http";

/** One call as it is sent. */
export interface Outgoing {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly content: string | undefined;
  readonly deadlineMs: number;
}

export interface Received {
  readonly status: number;
  readonly text: string;
}

/** Sends one call to the gateway. Throws CommandFailure only. */
export type Transport = (outgoing: Outgoing) => Promise<Received>;

const answerBytesMax = 64 * 1024 * 1024;

interface Plain extends RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
}

export const requestOptions = ({ method, path, content, deadlineMs }: Outgoing): Plain => ({
  method,
  path,
  agent: false,
  signal: AbortSignal.timeout(deadlineMs),
  headers: {
    accept: "application/json",
    ...(content !== undefined && { "content-type": "application/json" }),
  },
});

export const receive = async (answer: IncomingMessage): Promise<Received> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > answerBytesMax) throw new RangeError("the answer is too large");
    parts.push(part);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
};

/** A name for what went wrong: the system's or OpenSSL's code, or TIMEOUT. */
export const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === "AbortError" || name === "TimeoutError") return "TIMEOUT";
  return typeof code === "string" ? code : "unknown";
};
