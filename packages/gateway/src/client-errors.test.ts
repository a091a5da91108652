import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { refusedSchema } from "@rekey/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench, type Bench } from "./bench.fixture.ts";
import { answerClientErrors } from "./server/client-errors.ts";

let folder: string;
let bench: Bench;
let socketPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-"));
  socketPath = join(folder, "rekey.sock");
  bench = openBench();
  await bench.gateway.listen({ socketPath });
});
afterEach(async () => {
  await bench.gateway.close();
  await rm(folder, { recursive: true, force: true });
});

/** Bytes in, and everything that came back until the gateway ended the connection. */
const exchange = async (sent: string): Promise<string> =>
  await new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(socketPath, () => socket.write(sent));
    socket.on("data", (part) => parts.push(part));
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(parts).toString("utf8")));
  });

const request = (...headers: readonly string[]): string =>
  ["GET /healthz HTTP/1.1", ...headers, "", ""].join("\r\n");

test.each([
  { name: "no HTTP at all", sent: "hunter2 hunter2\r\n\r\n", status: 400 },
  { name: "a header without a name", sent: request("host: x", ": hunter2"), status: 400 },
  {
    name: "a body of two lengths",
    sent: request("host: x", "content-length: 1", "content-length: 2"),
    status: 400,
  },
  {
    name: "a request for no host",
    sent: request("connection: close", "x-secret: hunter2"),
    status: 400,
  },
  {
    name: "a head beyond its limit",
    sent: request("host: x", `x-secret: hunter2${"x".repeat(20_000)}`),
    status: 431,
    refused: "TOO_LARGE",
  },
  {
    name: "an expectation nobody meets",
    sent: request("host: x", "expect: hunter2"),
    status: 417,
  },
])(
  "$name is refused in the contract's shape, and not repeated",
  async ({ sent, status, refused = "INVALID" }) => {
    const answer = await exchange(sent);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(refusedSchema.parse(JSON.parse(body)).refused).toBe(refused);
    expect(answer).not.toContain("hunter2");
  },
);

test.each(["ERR_TLS_HANDSHAKE_TIMEOUT", "ERR_SSL_HTTP_REQUEST", "ECONNRESET", "EPROTO"])(
  "a connection that ends with %s before HTTP is spoken is cut off, not answered",
  (code) => {
    const server = createServer();
    answerClientErrors(server);
    const socket = new PassThrough();
    server.emit("clientError", Object.assign(new Error("hunter2"), { code }), socket);
    expect([socket.destroyed, socket.read()]).toEqual([true, null]);
  },
);
