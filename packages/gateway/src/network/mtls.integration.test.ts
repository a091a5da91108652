import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { apiRoutes } from "@rekey/contracts";
import { createTestAuthority, eventually, type TestSubject } from "@rekey/testkit";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { document } from "../bench.fixture.ts";
import { alternativeNames } from "./certificate.ts";
import { openNetwork, type Network } from "./network.fixture.ts";

const { cases, audit, inventory } = apiRoutes;
const pipeline = "spiffe://example.org/ci/pipeline";

let network: Network;
const open = async (subject: "uri" | "dns" | "cn" = "uri"): Promise<void> => {
  const operator = ["operator", "viewer", "auditor"];
  const roles = { [pipeline]: operator, "ci.example.org": operator, pipeline: operator };
  // No approvers by token: whoever operates by certificate might be one of them.
  network = await openNetwork({
    jwt: { roles: { viewers: ["viewer"] } },
    mtls: { subject, roles },
  });
};
beforeEach(async () => await open());
afterEach(async () => await network.close());

const showing = async (subject: Partial<TestSubject>) =>
  await network.clients.issue({ name: "pipeline", ...subject });

test("a client certificate's holder may do what its subject is mapped to, and the audit log names it", async () => {
  const certificate = await showing({ uris: [pipeline], dns: ["other.example.org"] });
  await network.ask(inventory.apply, { certificate }, { body: { document: document() } });
  const { events } = await network.ask(audit.tail, { certificate });
  expect(events[0]?.actor).toEqual({ id: `mtls:${pipeline}`, authenticated: "mtls" });
});

test.each([
  ["dns", { dns: ["ci.example.org"] }, "mtls:ci.example.org"],
  ["cn", {}, "mtls:pipeline"],
] as const)("the subject may be its %s", async (kind, subject, id) => {
  await network.close();
  await open(kind);
  const certificate = await showing(subject);
  await network.ask(inventory.apply, { certificate }, { body: { document: document() } });
  expect((await network.ask(audit.tail, { certificate })).events[0]?.actor.id).toBe(id);
});

test("a subject that nobody mapped may do nothing, and is told where it would be", async () => {
  const certificate = await showing({ uris: ["spiffe://example.org/stranger"] });
  const { status, body } = await network.call(cases.list, { certificate });
  expect([status, body.refused]).toEqual([403, "NOT_AUTHORISED"]);
  expect(body.reason).toContain("mtls:spiffe://example.org/stranger has no role");
  expect(body.reason).toContain("gateway.mtls.roles gives roles by the certificate's URI name");
});

test.each([
  ["has two subjects", "CERTIFICATE_SUBJECT", { uris: [pipeline, "spiffe://example.org/x"] }],
  ["has no such subject", "CERTIFICATE_SUBJECT", { dns: ["ci.example.org"] }],
  ["has ended", "CERTIFICATE_UNTRUSTED", { uris: [pipeline], validMs: -1_000 }],
] as const)("a certificate that %s is refused as %s", async (_name, code, subject) => {
  const { status, body } = await network.call(cases.list, {
    certificate: await showing(subject),
  });
  expect([status, body.reason]).toEqual([401, `the credential is not accepted (${code})`]);
});

test("a certificate of another authority is refused, and a token beside it is heard", async () => {
  const other = await createTestAuthority("clients");
  const certificate = await other.issue({ name: "pipeline", uris: [pipeline] });
  const { status, body } = await network.call(cases.list, { certificate });
  expect([status, body.reason]).toEqual([
    401,
    "the credential is not accepted (CERTIFICATE_UNTRUSTED)",
  ]);
  const token = await network.issuer.token({ sub: "ada", groups: ["viewers"] });
  expect((await network.call(cases.list, { certificate, token })).status).toBe(200);
});

test("a certificate that ends while its connection is open lets nobody in any more", async () => {
  const certificate = await showing({ uris: [pipeline], validMs: 60_000 });
  expect((await network.call(cases.list, { certificate })).status).toBe(200);
  network.pass(120);
  expect((await network.call(cases.list, { certificate })).body.reason).toContain(
    "CERTIFICATE_EXPIRED",
  );
});

test("whoever shows neither is told both ways in", async () => {
  const { status, body } = await network.call(cases.list, {});
  expect(status).toBe(401);
  expect(body.reason).toContain(
    "a bearer token in the header Authorization or a client certificate",
  );
});

const handshake = async (options: { maxVersion?: "TLSv1.1" } = {}): Promise<TLSSocket> =>
  await new Promise((resolve, reject) => {
    const socket = connectTls({
      port: network.port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      ...options,
    });
    socket.once("secureConnect", () => resolve(socket)).once("error", reject);
  });

const serial = async (): Promise<string> => {
  const socket = await handshake();
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};

test("an older TLS than 1.2 is not spoken", async () => {
  await expect(handshake({ maxVersion: "TLSv1.1" })).rejects.toThrow();
  const socket = await handshake();
  expect(["TLSv1.2", "TLSv1.3"]).toContain(socket.getProtocol());
  socket.destroy();
});

const place = async (name: string, text: string): Promise<void> => {
  await writeFile(join(network.folder, `${name}.new`), text);
  await rename(join(network.folder, `${name}.new`), join(network.folder, name));
};

test("a new certificate is shown without a restart, and one that cannot be used is told and left alone", async () => {
  const before = await serial();
  const next = await network.servers.issue({ name: "gateway", addresses: ["127.0.0.1"] });
  await place("server.key", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
  await eventually(() => network.logged().includes("the changed certificate cannot be used"));
  expect(await serial()).toBe(before);
  expect(network.logged()).not.toContain("hunter2");
  await place("server.crt", next.certificate);
  await place("server.key", next.key);
  await eventually(async () => (await serial()) !== before);
});

test("an authority of clients that is taken away is not trusted any more", async () => {
  const certificate = await showing({ uris: [pipeline] });
  expect((await network.call(cases.list, { certificate })).status).toBe(200);
  await place("clients.crt", (await createTestAuthority("others")).certificate);
  await eventually(async () => (await network.call(cases.list, { certificate })).status === 401);
});

test("a name is never found inside another", () => {
  expect(alternativeNames('URI:"spiffe://a, URI:spiffe://b", DNS:c')).toEqual([
    { type: "URI", value: "spiffe://a, URI:spiffe://b" },
    { type: "DNS", value: "c" },
  ]);
  for (const text of ['URI:"x', 'URI:a"b', "URI:a,DNS:b", "nothing", 'URI:"\\x"'])
    expect(alternativeNames(text)).toBeUndefined();
  const name = fc.record({
    type: fc.constantFrom("URI", "DNS", "IP Address"),
    value: fc.string({ unit: "binary" }),
  });
  const written = ({ type, value }: { type: string; value: string }): string =>
    /^[\w:/.@-]*$/.test(value) ? `${type}:${value}` : `${type}:${JSON.stringify(value)}`;
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      expect(alternativeNames(names.map(written).join(", "))).toEqual(names);
    }),
  );
});
