import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** A body as it arrived: never more than `bytesMax` of it is kept. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly tooLarge: boolean;
  readonly isJson: boolean;
}

/** A client that goes on sending is listened to this long, so that it can read why it was refused. */
const drainBytesMax = 64 * 1024 * 1024;

const jsonContent = /^application\/json\s*(;|$)/i;

/** Bodies are kept as bytes: what they say is read where the route is known. */
export const receiveBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (request: FastifyRequest, payload: IncomingMessage) => {
    const { bytes, tooLarge } = await collect(payload, request.routeOptions.bodyLimit);
    const isJson = jsonContent.test(request.headers["content-type"] ?? "");
    return { bytes, tooLarge, isJson } satisfies ReceivedBody;
  });
};

const collect = async (
  payload: IncomingMessage,
  bytesMax: number,
): Promise<Pick<ReceivedBody, "bytes" | "tooLarge">> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of payload as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= bytesMax) parts.push(part);
    if (length > bytesMax + drainBytesMax) break;
  }
  return { bytes: Buffer.concat(parts), tooLarge: length > bytesMax };
};
