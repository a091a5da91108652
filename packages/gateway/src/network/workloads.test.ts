import { acknowledgementType, apiRoutes, heartbeatType } from "@rekey/contracts";
import { newId } from "@rekey/runtime";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { document } from "../bench.fixture.ts";
import { firstVersion, put, wished } from "../rotation.fixture.ts";
import { openNetwork, type Network } from "./network.fixture.ts";

const { consumers, inventory, credentials, reports } = apiRoutes;
const account = "system:serviceaccount:production:payments";

let network: Network;
let token: string;
let jws: (consumer: string, typ: string) => Promise<string>;
beforeEach(async () => {
  network = await openNetwork({ jwt: { consumers: { [account]: "payments-api" } } });
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x } = await exportJWK(publicKey);
  const declared = document();
  const [consumer] = declared.consumers;
  const signingKey = { kty, crv, x };
  const both = [
    { ...consumer, signingKey },
    { ...consumer, id: "orders-api", signingKey },
  ];
  const operator = await network.issuer.token({ sub: "ada", groups: ["operators"] });
  const body = { document: { ...declared, consumers: both } };
  await network.ask(inventory.apply, { token: operator }, { body });
  const { rotation } = await wished(network.bench);
  await put(network.bench, rotation, { rotation: {}, versions: [firstVersion(rotation)] });
  token = await network.issuer.token({ sub: account });
  jws = async (iss, typ) => {
    const iat = Math.floor(Date.now() / 1_000);
    const claims = {
      iss,
      instance: "pod-1",
      credential: "payments-db",
      version: 1,
      iat,
      jti: newId(),
    };
    return await new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ }).sign(privateKey);
  };
});
afterEach(async () => await network.close());

test("a workload hears and answers over the network as the consumer that its account is mapped to", async () => {
  const query = { consumer: "payments-api", waitMs: "0" };
  expect(await network.ask(consumers.announcements, { token }, { query })).toMatchObject({
    announcements: [],
  });
  const moved = { body: { jws: await jws("payments-api", acknowledgementType) } };
  const alive = { body: { jws: await jws("payments-api", heartbeatType) } };
  expect(await network.ask(consumers.acknowledge, { token }, moved)).toEqual({
    outcome: "counted",
  });
  expect(await network.ask(consumers.heartbeat, { token }, alive)).toEqual({ outcome: "counted" });
});

test("a workload neither hears nor answers for another", async () => {
  const query = { consumer: "orders-api", waitMs: "0" };
  const heard = await network.call(consumers.announcements, { token }, { query });
  const moved = { body: { jws: await jws("orders-api", acknowledgementType) } };
  const answered = await network.call(consumers.acknowledge, { token }, moved);
  for (const { status, body } of [heard, answered]) {
    expect([status, body.refused]).toEqual([403, "NOT_AUTHORISED"]);
    expect(body.reason).toContain("is the consumer payments-api and speaks for no other");
  }
});

test("a workload reports nothing, and sees nothing of what others hold", async () => {
  const params = { credential: "payments-db" };
  const subject = { type: "service", ids: [{ format: "opaque", value: "payments" }] } as never;
  for (const { status } of [
    await network.call(credentials.show, { token }, { params }),
    await network.call(reports.offboarding, { token }, { body: subject }),
  ])
    expect(status).toBe(403);
});

test("a long poll over the network ends when the gateway does", async () => {
  const query = { consumer: "payments-api", waitMs: "20000" };
  const waiting = network.call(consumers.announcements, { token }, { query });
  const [first] = await Promise.all([
    waiting,
    // The poll has begun when another request was answered after it.
    network
      .call(consumers.announcements, { token }, { query: { ...query, waitMs: "0" } })
      .then(async () => await network.bench.gateway.close()),
  ]);
  expect(first.status).toBe(200);
});
