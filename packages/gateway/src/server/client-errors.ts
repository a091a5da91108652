import { STATUS_CODES, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Refused } from "@rekey/contracts";
import type { RefusedAnswer } from "./refused.ts";

/** Bytes of a request's line and headers together; Node's own default, named so that the answer can say it. */
export const headersBytesMax = 16 * 1024;

/** What Node refuses before there is a request: answered like every other refusal, and the connection ends. */
export const answerClientErrors = (server: Server): void => {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseSocket(error, socket));
  server.on("checkExpectation", (_request, response) => refuseRequest(response, expectation));
};

/** Stands in for the server's own check of the host, which answers without a body. */
export const requireHost =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    const isMissing = request.headers.host === undefined && request.httpVersion !== "1.0";
    if (isMissing) refuseRequest(response, withoutHost);
    else listener(request, response);
  };

const refuseRequest = (response: ServerResponse, { status, body }: RefusedAnswer): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, headersOf(text)).end(text);
};

// The error holds the bytes that could not be read, which may be a secret's: only its code is looked at.
const refuseSocket = ({ code = "" }: NodeJS.ErrnoException, socket: Duplex): void => {
  // Before the handshake is done an answer would wait for it, and the connection with the answer.
  if (!/^(HPE|ERR_HTTP)_/.test(code) || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = answers[code] ?? malformed;
  const text = JSON.stringify(body);
  const headers = Object.entries(headersOf(text)).map(([name, value]) => `${name}: ${value}`);
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`;
  socket.end([line, ...headers, "", text].join("\r\n"), () => socket.destroy());
};

const headersOf = (text: string): Record<string, string> => ({
  "content-type": "application/json; charset=utf-8",
  "content-length": String(Buffer.byteLength(text)),
  connection: "close",
});

const answer = (status: number, refused: Refused["refused"], reason: string): RefusedAnswer => ({
  status,
  body: { refused, reason },
});

const malformed = answer(400, "INVALID", "the request cannot be read as HTTP");
const withoutHost = answer(400, "INVALID", "the request has no host header");
const expectation = answer(417, "INVALID", "the only expectation that is met is 100-continue");

/** By the codes of Node's HTTP parser and server. */
const answers: Readonly<Record<string, RefusedAnswer>> = {
  HPE_HEADER_OVERFLOW: answer(
    431,
    "TOO_LARGE",
    `the headers are larger than ${headersBytesMax} bytes together`,
  ),
  ERR_HTTP_REQUEST_TIMEOUT: answer(
    408,
    "INVALID",
    "the request did not arrive in time: send it again",
  ),
};
