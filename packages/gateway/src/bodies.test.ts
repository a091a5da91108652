import { apiRouteList } from "@rekey/contracts";
import { createLog } from "@rekey/runtime";
import { bytesSink, createCanary, expectNoCanary } from "@rekey/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applied, openBench, type Bench } from "./bench.fixture.ts";

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

const exposureOf = (payload: string) => ({
  method: "POST" as const,
  url: "/v1/reports/exposure",
  headers: { "content-type": "application/json" },
  payload,
});

const keptBy = (bench: Bench): string =>
  JSON.stringify(
    Object.values(bench.ledger.state().tables).flatMap((rows) => [...rows.values()]),
    (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value),
  );

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

const leaked = "postgres://payments:c4n4ry%2Fhunter2@db.example.org/payments";

test.each([
  ["the reason", { reason: `found ${leaked} in a chat` }, "reason"],
  ["the reason, its password", { reason: "the password c4n4ry/hunter2 is out" }, "reason"],
  ["the reason, as written", { reason: "c4n4ry%2Fhunter2" }, "reason"],
  ["the environment", { environment: "c4n4ry/hunter2" }, "environment"],
  ["the evidence", { evidenceUrl: "https://paste.example.org/c4n4ry%2fhunter2" }, "evidenceUrl"],
])("a reported value in %s is refused before anything is stored", async (_name, texts, path) => {
  const bench = await applied(openBench());
  const report = { found: { by: "secret", secret: leaked }, reason: "seen", ...texts };
  const { status, body } = await bench.send(exposureOf(JSON.stringify(report)));
  expect(status).toBe(400);
  expect(body).toMatchObject({ refused: "INVALID", problems: [{ path }] });
  expect(bench.appended).toEqual([]);
  expect(keptBy(bench)).toContain("holds the reported value");
  expect(keptBy(bench) + JSON.stringify(body)).not.toContain("hunter2");
});

test.each([
  ["a key of the report", '{"found":{"by":"secret","secret":"x"},"reason":"r","hunter2":1}'],
  ["a key below", '{"found":{"by":"secret","hunter2":"secret"},"reason":"r"}'],
  ["a key given twice", '{"reason":"r","hunter2":1,"hunter2":1}'],
  ["a key with U+0000 behind it", '{"hunter2":"\\u0000"}'],
  [
    "a locator's scheme and value",
    '{"found":{"by":"locator","locator":{"scheme":"ssh","value":"hunter2"}},"reason":"r"}',
  ],
])("a secret written as %s is neither answered nor kept", async (_name, payload) => {
  const bench = openBench();
  const { status, body } = await bench.send(exposureOf(payload));
  expect(status).toBe(400);
  expect(keptBy(bench)).toContain("refused");
  expect(keptBy(bench) + JSON.stringify(body)).not.toContain("hunter2");
});

test("a key of a native event in a scan is neither answered nor kept", async () => {
  const bench = openBench();
  const event = { specversion: "1.0", id: "1", source: "/s", type: "t", hunter2: { hunter2: 1 } };
  const scan = { format: "native", body: JSON.stringify(event) };
  const { status, body } = await bench.send({
    ...exposureOf(JSON.stringify(scan)),
    url: "/v1/reports/scan",
  });
  expect(status).toBe(400);
  expect(keptBy(bench) + JSON.stringify(body)).not.toContain("hunter2");
});

test("an inventory is answered with the names of its unknown keys", async () => {
  const { status, body } = await openBench().send({
    ...exposureOf(JSON.stringify({ document: { credentails: [] } })),
    url: "/v1/inventory/apply",
  });
  expect(status).toBe(400);
  expect(body).toMatchObject({ problems: [{ path: "credentails" }] });
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
