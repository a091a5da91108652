import { readFile } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";

const deadlineMs = 5_000;
const bytesMax = 256 * 1024;
const keysMax = 100;

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(keysMax) });

/** Keys that cannot be had. Its code names what happened, never what was answered. */
export class KeysFault extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the keys cannot be read (${code})`);
    this.name = "KeysFault";
    this.code = code;
  }
}

/** Reads a key set once. Throws KeysFault. */
export type KeySource = () => Promise<JSONWebKeySet>;

export const keysOfFile =
  (path: string): KeySource =>
  async () =>
    await read(async () => await readFile(path));

/** One request, on a connection of its own; redirects are not followed. */
export const keysOfUrl =
  (address: string, caFile: string | undefined): KeySource =>
  async () =>
    await read(async () => {
      const ca = caFile === undefined ? undefined : await readFile(caFile);
      return await fetchBytes(new URL(address), ca);
    });

const read = async (source: () => Promise<Buffer>): Promise<JSONWebKeySet> => {
  try {
    const parsed = keySet.safeParse(JSON.parse((await source()).toString("utf8")));
    if (parsed.success) return parsed.data as JSONWebKeySet;
  } catch (error) {
    if (error instanceof KeysFault) throw error;
    if (!(error instanceof SyntaxError)) throw new KeysFault(codeOf(error));
  }
  throw new KeysFault("NO_KEY_SET");
};

const fetchBytes = async (url: URL, ca: Buffer | undefined): Promise<Buffer> => {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(deadlineMs);
  const headers = { accept: "application/jwk-set+json, application/json" };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, signal, headers, ...(ca !== undefined && { ca }) })
      .once("response", resolve)
      .once("error", reject)
      .end();
  });
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new KeysFault(`HTTP_${answer.statusCode ?? 0}`);
  }
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > bytesMax) throw new KeysFault("TOO_LARGE");
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === "AbortError" || name === "TimeoutError") return "TIMEOUT";
  return typeof code === "string" ? code : "UNREADABLE";
};
