import { apiRouteList } from "@rekey/contracts";
import { createLog } from "@rekey/runtime";
import { bytesSink, createCanary, expectNoCanary } from "@rekey/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applied, openBench } from "./bench.fixture.ts";

const id = "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e";
const posts = apiRouteList
  .filter(([, { method }]) => method === "POST")
  .map(([, route]) => ({
    route,
    url: route.path.replaceAll(/:(case|rotation)/g, id).replace(":credential", "payments-db"),
  }));

/** Bodies that start out right and have one place replaced by anything, the planted value most of all. */
const bodies = (value: string) =>
  fc.constantFrom(...posts).chain(({ route, url }) => {
    const example = (route.example.body ?? {}) as Record<string, unknown>;
    const anything = fc.oneof(fc.constant(value), fc.jsonValue(), fc.constant({ [value]: value }));
    const keys = fc.constantFrom(...Object.keys(example), "found", "document", value);
    const changed = fc
      .tuple(keys, anything)
      .map(([key, part]) => JSON.stringify({ ...example, [key]: part }));
    const broken = fc.constant(`{"reason":"${JSON.stringify(value).slice(1, -1)}`);
    const payload = fc.oneof({ weight: 8, arbitrary: changed }, broken, fc.json(), fc.string());
    return fc.record({ url: fc.constant(url), payload });
  });

test("whatever a body holds, the answer has a reason, is no failure of ours, and repeats no value", async () => {
  const canary = createCanary();
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const bench = await applied(openBench({ log }));
  const headers = { "content-type": "application/json" };
  await fc.assert(
    fc.asyncProperty(bodies(canary.value), async ({ url, payload }) => {
      const { status, body } = await bench.send({ method: "POST", url, headers, payload });
      expect(status).toBeLessThan(500);
      if (status === 200) return;
      expect(body).toMatchObject({ reason: expect.stringMatching(/./) });
      await expectNoCanary(canary, [bytesSink("answer", Buffer.from(JSON.stringify(body)))]);
    }),
    { numRuns: 200 },
  );
  const { signals = new Map() } = bench.ledger.state().tables;
  const rejected = [...signals.values()].filter(({ sourceFeed }) => sourceFeed === "rejected");
  expect(rejected.length).toBeGreaterThan(0);
  await expectNoCanary(canary, [
    bytesSink("rejected", Buffer.from(JSON.stringify(rejected))),
    bytesSink("log", Buffer.from(lines.join(""))),
  ]);
}, 30_000);

test("a secret that was reported is nowhere but in the caller's hands", async () => {
  const canary = createCanary();
  const bench = await applied(openBench());
  const { status, body } = await bench.send({
    method: "POST",
    url: "/v1/reports/exposure",
    headers: { "content-type": "application/json" },
    payload: JSON.stringify({ found: { by: "secret", secret: canary.value }, reason: "seen" }),
  });
  expect(status).toBe(200);
  const tables = Object.values(bench.ledger.state().tables).flatMap((rows) => [...rows.values()]);
  await expectNoCanary(canary, [
    bytesSink("answer", Buffer.from(JSON.stringify(body))),
    bytesSink("ledger", Buffer.from(JSON.stringify(tables))),
    bytesSink("topic", Buffer.concat(bench.appended.map(({ value }) => Buffer.from(value)))),
  ]);
});

test.each([
  ["/v1/credentials/%", "cannot be read"],
  ["/v1/credentials/%00", "credential"],
  ["/v1/credentials?limit=0", "limit"],
  ["/v1/credentials?limit=2&limit=3", "limit"],
  ["/v1/cases/x", "case"],
  ["/v1/signals?outcomes=lost", "outcomes"],
])("%s is refused with its place", async (url, place) => {
  const { status, body } = await openBench().send({ method: "GET", url });
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(place);
});

test("a body of another kind is refused by its content type", async () => {
  const { status, body } = await openBench().send({
    method: "POST",
    url: "/v1/pause",
    headers: { "content-type": "text/plain" },
    payload: '{"reason":"x"}',
  });
  expect(status).toBe(400);
  expect(body).toMatchObject({ problems: [{ path: "content-type" }] });
});
