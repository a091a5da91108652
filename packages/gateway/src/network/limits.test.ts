import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { apiRoutes } from "@rekey/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openNetwork, type Network } from "./network.fixture.ts";

let network: Network;
beforeEach(async () => {
  network = await openNetwork();
});
afterEach(async () => await network.close());

/** Bytes in over TLS, and everything that came back until the gateway ended the connection. */
const exchange = async (sent: string): Promise<string> =>
  await new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const { port } = network;
    const options = { port, host: "127.0.0.1", ca: network.servers.certificate };
    const socket = connectTls(options, () => socket.write(sent));
    socket.on("data", (part) => parts.push(part));
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(parts).toString("utf8")));
  });

test("a body beyond its route's bound is refused, and the client hears why", async () => {
  const token = await network.issuer.token({ sub: "ada", groups: ["operators"] });
  const payload = JSON.stringify({ reason: "x".repeat(300_000) });
  const headers = { "content-type": "application/json" };
  const sent = { token, method: "POST", headers, payload };
  const { status, body } = await network.send(apiRoutes.switches.pause.path, sent);
  expect([status, body.refused]).toEqual([413, "TOO_LARGE"]);
});

test("a head beyond its bound, and what is no HTTP, are refused in the contract's shape", async () => {
  const host = "host: x\r\n";
  const large = await exchange(`GET / HTTP/1.1\r\n${host}x: ${"y".repeat(20_000)}\r\n\r\n`);
  expect(large).toMatch(/^HTTP\/1\.1 431 /);
  expect(large).toContain('"refused":"TOO_LARGE"');
  const none = await exchange("hunter2\r\n\r\n");
  expect(none).toMatch(/^HTTP\/1\.1 400 /);
  expect(none).not.toContain("hunter2");
});

test("whoever speaks plain HTTP to it gets no answer, and nothing else is hurt", async () => {
  const closed = await new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect(network.port, "127.0.0.1", () =>
      socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    socket.on("data", (part) => parts.push(part));
    socket.once("error", () => undefined);
    socket.once("close", () => resolve(Buffer.concat(parts).toString("latin1")));
  });
  expect(closed).not.toContain("HTTP/1.1");
  expect((await network.call(apiRoutes.health.live, {})).status).toBe(200);
});

test("for a sidecar on this machine it speaks plain HTTP, to those with a token", async () => {
  await network.close();
  network = await openNetwork({ tcp: { insecure: true } });
  const token = await network.issuer.token({ sub: "ada", groups: ["viewers"] });
  expect((await network.call(apiRoutes.cases.list, { token })).status).toBe(200);
  expect((await network.call(apiRoutes.cases.list, {})).status).toBe(401);
});

test("a port that somebody has is refused with its name, and the socket beside it is given back", async () => {
  const other = await openNetwork();
  await other.bench.gateway.close();
  await expect(openNetwork({ tcp: { port: network.port } })).rejects.toThrow(
    `gateway.tcp.port: 127.0.0.1 port ${network.port} cannot be listened at (EADDRINUSE)`,
  );
  await other.close();
});
