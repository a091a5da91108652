import { createHmac } from "node:crypto";
import { apiRoutes } from "@rekey/contracts";
import { openTokenIssuer } from "@rekey/testkit";
import { exportSPKI, importJWK } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { document } from "../bench.fixture.ts";
import { openNetwork, type Network } from "./network.fixture.ts";

const { cases, audit, inventory } = apiRoutes;

let network: Network;
beforeEach(async () => {
  network = await openNetwork();
});
afterEach(async () => await network.close());

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

test("a token's holder may do what its roles allow, and the audit log names them", async () => {
  const token = await network.issuer.token({ sub: "ada", groups: ["operators", "auditors"] });
  await network.ask(inventory.apply, { token }, { body: { document: document() } });
  const { events } = await network.ask(audit.tail, { token });
  const actor = { id: `jwt:${network.issuer.issuer}#ada`, authenticated: "jwt" };
  expect(events[0]).toMatchObject({ type: "inventory.applied", actor });
});

test("whoever no configuration gives a role may do nothing, and is told which one would", async () => {
  const token = await network.issuer.token({
    sub: "eve",
    groups: ["operator"],
    roles: ["operators"],
  });
  const { status, body } = await network.call(cases.list, { token });
  expect([status, body.refused]).toEqual([403, "NOT_AUTHORISED"]);
  expect(body.reason).toContain(`jwt:${network.issuer.issuer}#eve has no role`);
  expect(body.reason).toContain(
    "gateway.jwt.people.roles gives roles by the values of the claim groups",
  );
});

test("no credential is answered with what is needed", async () => {
  const { status, headers, body } = await network.call(cases.list, {});
  expect([status, body.refused]).toEqual([401, "UNAUTHENTICATED"]);
  expect(headers["www-authenticate"]).toBe('Bearer realm="rekey"');
  expect(body.reason).toContain("a bearer token");
});

const seconds = (): number => Math.floor(Date.now() / 1_000);

const refusedTokens: readonly (readonly [string, string, () => Promise<string>])[] = [
  ["has expired", "TOKEN_EXPIRED", async () => await signed({ exp: seconds() - 60 })],
  ["never expires", "TOKEN_CLAIMS", async () => await signed({ exp: undefined })],
  ["is not valid yet", "TOKEN_NOT_YET_VALID", async () => await signed({ nbf: seconds() + 600 })],
  ["is for somebody else", "TOKEN_AUDIENCE", async () => await signed({ aud: "billing" })],
  ["is for nobody", "TOKEN_AUDIENCE", async () => await signed({ aud: undefined })],
  [
    "is of another issuer",
    "TOKEN_ISSUER",
    async () => await signed({ iss: "https://evil.example" }),
  ],
  ["is about nobody", "TOKEN_CLAIMS", async () => await signed({ sub: undefined })],
  ["is about a line break", "TOKEN_CLAIMS", async () => await signed({ sub: "a\nb" })],
  [
    "is signed by a key that is not published",
    "TOKEN_KEY_UNKNOWN",
    async () => await network.issuer.token({ sub: "ada" }, { kid: "other" }),
  ],
  ["is signed by another's key", "TOKEN_SIGNATURE", async () => await forged()],
  [
    "is not signed",
    "TOKEN_ALGORITHM",
    async () => `${encoded({ alg: "none" })}.${(await signed({})).split(".")[1]}.AA`,
  ],
  [
    "is signed with the public key as a shared one",
    "TOKEN_ALGORITHM",
    async () => await confused(),
  ],
  ["is no token", "TOKEN_MALFORMED", async () => "hunter2"],
  ["is longer than any", "TOKEN_MALFORMED", async () => `a.${"b".repeat(9_000)}.c`],
];

const signed = async (claims: Record<string, unknown>): Promise<string> =>
  await network.issuer.token({ sub: "ada", groups: ["operators"], ...claims });

const forged = async (): Promise<string> => {
  const other = await openTokenIssuer();
  const token = await other.token({ iss: network.issuer.issuer, sub: "ada" });
  await other.close();
  return token;
};

const confused = async (): Promise<string> => {
  const [jwk] = network.issuer.keys().keys;
  const pem = await exportSPKI((await importJWK(jwk!)) as Parameters<typeof exportSPKI>[0]);
  const text = `${encoded({ alg: "HS256", kid: jwk?.kid })}.${(await signed({})).split(".")[1]}`;
  return `${text}.${createHmac("sha256", pem).update(text).digest("base64url")}`;
};

test.each(refusedTokens)("a token that %s is refused as %s", async (_name, code, make) => {
  const token = await make();
  const { status, headers, body } = await network.call(cases.list, { token });
  expect([status, body.refused]).toEqual([401, "UNAUTHENTICATED"]);
  expect(headers["www-authenticate"]).toBe('Bearer realm="rekey", error="invalid_token"');
  expect(body.reason).toBe(`the credential is not accepted (${code})`);
  const line = JSON.parse(network.logged()) as Record<string, unknown>;
  expect(line).toMatchObject({ code, host: "127.0.0.1", route: cases.list.path });
  for (const part of token.split(".").filter((text) => text.length > 4))
    expect(network.logged() + JSON.stringify(body)).not.toContain(part);
});

test("a clock that is a little off is tolerated", async () => {
  const token = await signed({ exp: seconds() - 10 });
  expect((await network.call(cases.list, { token })).status).toBe(200);
});

test("keys are asked for once, and again for a key that was published since", async () => {
  const before = await signed({});
  for (let round = 0; round < 3; round += 1) await network.ask(cases.list, { token: before });
  expect(network.issuer.asked()).toBe(1);
  await network.issuer.rotate();
  network.pass(31);
  const after = await signed({});
  await network.ask(cases.list, { token: after });
  expect(network.issuer.asked()).toBe(2);
  expect((await network.call(cases.list, { token: before })).body.reason).toContain(
    "TOKEN_KEY_UNKNOWN",
  );
});

test("tokens of unknown keys make the issuer be asked no more than twice a minute", async () => {
  await network.ask(cases.list, { token: await signed({}) });
  for (let round = 0; round < 8; round += 1) {
    const token = await network.issuer.token({ sub: "ada" }, { kid: `other-${round}` });
    await network.call(cases.list, { token });
    network.pass(7);
  }
  expect(network.issuer.asked()).toBe(2);
});

test("while keys cannot be had nobody is refused for their token: 503, with what happened", async () => {
  network.issuer.answers(500);
  const token = await signed({});
  const { status, body } = await network.call(cases.list, { token });
  expect([status, body.refused]).toEqual([503, "KEYS_UNAVAILABLE"]);
  expect(body.reason).toContain("gateway.jwt.people cannot be read (HTTP_500)");
  await network.call(cases.list, { token });
  expect(network.issuer.asked()).toBe(1);
  network.issuer.answers(200);
  network.pass(3);
  await network.ask(cases.list, { token });
});

test("known keys outlive an issuer that is away for an hour, and no longer", async () => {
  const token = await signed({ exp: seconds() + 10_000 });
  await network.ask(cases.list, { token });
  network.issuer.answers(503);
  network.pass(1_800);
  await network.ask(cases.list, { token });
  const fresh = await network.issuer.token({ sub: "ada" }, { kid: "published-since" });
  expect((await network.call(cases.list, { token: fresh })).status).toBe(503);
  network.pass(1_900);
  expect((await network.call(cases.list, { token })).status).toBe(503);
});

test("an address that is refused too often is held up, and a good token from there is not", async () => {
  const good = await signed({});
  const statuses: number[] = [];
  for (let round = 0; round < 14; round += 1)
    statuses.push((await network.call(cases.list, { token: "hunter2" })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(4).fill(429)]);
  const over = await network.call(cases.list, { token: "hunter2" });
  expect(over.headers["retry-after"]).toBe("6");
  expect(over.body.refused).toBe("RATE_LIMITED");
  expect(network.logged().trim().split("\n")).toHaveLength(11);
  expect((await network.call(cases.list, { token: good })).status).toBe(200);
  network.pass(7);
  expect((await network.call(cases.list, { token: "hunter2" })).status).toBe(401);
});

test("an issuer that says who somebody is at length gives them one name of bounded length", async () => {
  const token = await network.issuer.token({
    sub: "a".repeat(250),
    groups: ["auditors", "operators"],
  });
  await network.ask(inventory.apply, { token }, { body: { document: document() } });
  const [first] = (await network.ask(audit.tail, { token })).events;
  expect(first?.actor.id).toHaveLength(128);
});
