import { acknowledgementType, apiRoutes, heartbeatType } from "@rekey/contracts";
import { newId } from "@rekey/runtime";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { applied, document, openBench } from "./bench.fixture.ts";
import { firstVersion, put, wished } from "./rotation.fixture.ts";

const { consumers, credentials, audit } = apiRoutes;

const workload = async ({ registered }: { readonly registered: boolean }) => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x } = await exportJWK(publicKey);
  const declared = document();
  const key = registered ? { signingKey: { kty, crv, x } } : {};
  const consumer = { ...declared.consumers[0], ...key };
  const bench = await applied(openBench(), { ...declared, consumers: [consumer] });
  const { rotation } = await wished(bench);
  await put(bench, rotation, { rotation: {}, versions: [firstVersion(rotation)] });
  const claims = {
    iss: "payments-api",
    instance: "pod-1",
    credential: "payments-db",
    version: 1,
    iat: Math.floor(Date.now() / 1_000),
    jti: newId(),
  };
  const sign = async (changes: Record<string, unknown> = {}, typ = acknowledgementType) =>
    await new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: "EdDSA", typ })
      .sign(privateKey);
  const params = { credential: "payments-db" };
  const instances = async () =>
    (await bench.ask(credentials.show, { params })).consumers.flatMap((view) => view.instances);
  return { bench, sign, instances };
};

test("an acknowledgement signed by the registered key counts, once", async () => {
  const { bench, sign, instances } = await workload({ registered: true });
  const jws = await sign();
  expect(await bench.ask(consumers.acknowledge, { body: { jws } })).toEqual({ outcome: "counted" });
  expect(await instances()).toMatchObject([{ instance: "pod-1", version: 1, counted: true }]);
  expect(await bench.refused(consumers.acknowledge, { body: { jws } })).toMatchObject({
    refused: "ALREADY_DONE",
  });
});

test("what a consumer without a key says is noted, and never counts", async () => {
  const { bench, sign, instances } = await workload({ registered: false });
  const body = { jws: await sign() };
  expect(await bench.ask(consumers.acknowledge, { body })).toEqual({ outcome: "noted" });
  expect(await instances()).toMatchObject([{ version: 1, counted: false }]);
  const { events } = await bench.ask(audit.tail);
  expect(events.map(({ type }) => type)).toContain("consumer.noted");
});

test("an acknowledgement of a version that is not known is refused, noted, and shows its instance", async () => {
  const { bench, sign, instances } = await workload({ registered: true });
  const body = { jws: await sign({ version: 99 }) };
  expect(await bench.refused(consumers.acknowledge, { body })).toMatchObject({
    refused: "NOT_FOUND",
  });
  const [seen] = await instances();
  expect([seen?.instance, seen?.version]).toEqual(["pod-1", undefined]);
  const { events } = await bench.ask(audit.tail);
  expect(events.map(({ type }) => type)).toContain("consumer.noted");
});

test("a heartbeat shows that an instance runs, and says nothing of its version", async () => {
  const { bench, sign, instances } = await workload({ registered: true });
  const body = { jws: await sign({}, heartbeatType) };
  expect(await bench.ask(consumers.heartbeat, { body })).toEqual({ outcome: "counted" });
  const [seen] = await instances();
  expect(seen).toMatchObject({ instance: "pod-1" });
  expect(seen?.version).toBeUndefined();
});

test("a statement of another's key, another kind or another consumer is refused with its reason", async () => {
  const { bench, sign } = await workload({ registered: true });
  const other = await workload({ registered: true });
  for (const [jws, code] of [
    [await other.sign(), "INVALID"],
    [await sign({}, heartbeatType), "INVALID"],
    [await sign({ iss: "stranger" }), "NOT_FOUND"],
    [await sign({ credential: "elsewhere" }), "NOT_FOUND"],
    ["nonsense", "INVALID"],
  ] as const) {
    const { refused } = await bench.refused(consumers.acknowledge, { body: { jws } });
    expect(refused).toBe(code);
  }
});
