import { Buffer } from "node:buffer";
import { apiRoutes, topicNames } from "@rekey/contracts";
import { producerCatalog } from "@rekey/producers";
import { Fault } from "@rekey/domain";
import { expect, test } from "vitest";
import { applied, openBench, type Bench } from "./bench.fixture.ts";

const { reports, cases, credentials, audit } = apiRoutes;
const outcomesOf = async (bench: Bench) => (await bench.ask(cases.signals)).signals;

test("a report is on the topic before it is answered, and its event id leads to what became of it", async () => {
  const bench = await applied(openBench());
  const { accepted } = await bench.ask(reports.exposure, {
    body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
  });
  expect(bench.appended.map(({ topic, key }) => [topic, key])).toEqual([
    [topicNames.api, "payments-db"],
  ]);
  const [signal] = await outcomesOf(bench);
  expect(signal).toMatchObject({ eventId: accepted[0]?.eventId, outcome: "opened" });
  expect(bench.rung()).toBeGreaterThan(0);
});

test.each([
  [false, "nothing was taken in: it is safe to repeat"],
  [true, "it may have been taken in: a report is safe to repeat"],
])(
  "a topic log that fails is named with its code, and the answer says whether to repeat (unknown: %s)",
  async (unknownOutcome, said) => {
    const failure = new Fault("TOPIC_REJECTED", {
      providerCode: "AUTHENTICATION_FAILED",
      unknownOutcome,
    });
    const sink = {
      append: async () => await Promise.reject(failure),
      check: async () => {},
      close: async () => {},
    };
    const bench = await applied(openBench({ sink }));
    const { refused, reason } = await bench.refused(reports.exposure, {
      body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
    });
    expect(refused).toBe("TOPIC_REJECTED");
    expect(reason).toContain("(AUTHENTICATION_FAILED); next: ");
    expect(reason).toContain(said);
  },
);

test("a reported value leaves as fingerprints: of it, and of the password in it", async () => {
  const bench = await applied(openBench());
  const secret = "postgres://payments_v1:hunter2hunter2@db.example.org:5432/payments";
  await bench.ask(reports.exposure, {
    body: { found: { by: "secret", secret }, reason: "in a paste", public: true },
  });
  const text = Buffer.from(bench.appended[0]!.value).toString("utf8");
  const { data } = JSON.parse(text) as { data: { locators: { scheme: string }[] } };
  expect(data.locators.length).toBeGreaterThanOrEqual(2);
  expect(new Set(data.locators.map(({ scheme }) => scheme))).toEqual(
    new Set(["hmac-sha256:local"]),
  );
  expect(text).not.toContain("hunter2");
});

test("evidence is kept without what may open it", async () => {
  const bench = await applied(openBench());
  await bench.ask(reports.exposure, {
    body: {
      found: { by: "credential", credential: "payments-db" },
      reason: "seen",
      evidenceUrl: "https://paste.example.org/a?token=abc#here",
    },
  });
  const text = Buffer.from(bench.appended[0]!.value).toString("utf8");
  expect(text).toContain('"https://paste.example.org/a"');
});

test("a credential that is not there is refused at once, and the refusal is listed and audited", async () => {
  const bench = await applied(openBench());
  const body = { found: { by: "credential" as const, credential: "paymets-db" }, reason: "seen" };
  const refused = await bench.refused(reports.exposure, { body });
  expect(refused).toMatchObject({ refused: "NOT_FOUND" });
  await bench.refused(credentials.rotate, {
    params: { credential: "nothing" },
    body: { reason: "x" },
  });
  const listed = (await outcomesOf(bench)).map(({ outcome, reason }) => `${outcome}: ${reason}`);
  expect(listed.sort()).toEqual([
    "refused: there is no credential nothing",
    "refused: there is no credential paymets-db",
  ]);
  const { events } = await bench.ask(audit.tail);
  expect(events.filter(({ type }) => type === "signal.refused")).toHaveLength(2);
});

test.each([
  ["broken JSON", "{", "is not valid JSON"],
  ["a key given twice", '{"reason":"a","reason":"b"}', "is a duplicate key"],
  ["U+0000", '{"found":{"by":"secret","secret":"a"},"reason":"a\\u0000"}', "U+0000"],
  ["no body", "", ""],
  ["another year", '{"reason":"r","occurredAt":"1970-01-01T00:00:00Z"}', "between the years"],
])("%s is refused with its place, and listed", async (_name, payload, reason) => {
  const bench = openBench();
  const { status, body } = await bench.send({
    method: "POST",
    url: reports.exposure.path,
    headers: { "content-type": "application/json" },
    payload,
  });
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(reason);
  expect(await outcomesOf(bench)).toMatchObject([{ outcome: "refused", source: "api" }]);
  expect(bench.appended).toEqual([]);
});

test("a body over its limit is read to its end, refused, and listed", async () => {
  const bench = openBench();
  const { status, body } = await bench.send({
    method: "POST",
    url: reports.exposure.path,
    headers: { "content-type": "application/json" },
    payload: Buffer.alloc(2 * 1024 * 1024, 0x20),
  });
  expect(status).toBe(413);
  expect(body).toMatchObject({ refused: "TOO_LARGE", reason: expect.stringContaining("split") });
  expect(await outcomesOf(bench)).toHaveLength(1);
});

test("a time in the future is refused", async () => {
  const bench = await applied(openBench());
  const occurredAt = new Date(Date.now() + 3_600_000).toISOString();
  const found = { by: "credential", credential: "payments-db" } as const;
  const body = { found, reason: "seen", occurredAt };
  expect((await bench.refused(reports.exposure, { body })).problems).toEqual([
    { path: "occurredAt", reason: "lies in the future" },
  ]);
});

const finding = (sourceContent: string, range: readonly [number, number]) => ({
  filePath: "src/config.ts",
  sourceContent,
  messages: [
    {
      type: "message",
      ruleId: "@secretlint/secretlint-rule-database-connection-string",
      messageId: "PostgreSQLConnection",
      message: "found",
      severity: "error",
      loc: { start: { line: 1, column: 0 }, end: { line: 1, column: range[1] } },
      range,
    },
  ],
});

test("a scan gives one signal per finding; what cannot be used is answered and listed", async () => {
  const bench = await applied(openBench());
  const url = "postgres://payments_v1:hunter2hunter2@db/payments";
  const body = JSON.stringify([finding(url, [0, url.length]), finding(url, [9, 5])]);
  const reply = await bench.ask(reports.scan, { body: { format: "secretlint", body } });
  expect(reply.accepted).toHaveLength(1);
  expect(reply.refused).toEqual([
    { path: "[1].messages[0].range", reason: "is not inside sourceContent" },
  ]);
  const listed = await outcomesOf(bench);
  expect(
    listed.some(({ reason }) => reason.includes("1 finding of the report cannot be used")),
  ).toBe(true);
});

test("a scan in a format nobody knows names the formats", async () => {
  const refused = await openBench().refused(reports.scan, { body: { format: "x", body: "[]" } });
  expect(refused.problems).toEqual([
    { path: "format", reason: `must be one of ${Object.keys(producerCatalog).join(", ")}` },
  ]);
});

test("an event of another producer that ours cannot carry is refused, not our bug", async () => {
  const event = {
    specversion: "1.0",
    id: "e".repeat(900),
    source: "/scanner",
    type: "rekey.exposure.reported.v1",
    datacontenttype: "application/json",
    data: {
      severity: "high",
      occurredAt: new Date().toISOString(),
      locators: [{ scheme: "rekey", value: "payments-db" }],
    },
  };
  const body = { format: "native", body: JSON.stringify(event) };
  const reply = await openBench().ask(reports.scan, { body });
  expect(reply.refused).toMatchObject([{ path: "[0]", reason: expect.stringContaining("longer") }]);
});

test("an offboarding and a deployment are decided by intake", async () => {
  const bench = await applied(openBench());
  await bench.ask(reports.offboarding, {
    body: {
      subject: { type: "partner", ids: [{ scheme: "externalId", value: "partner-acme" }] },
      reason: "the contract ends",
    },
  });
  await bench.ask(reports.deployment, {
    body: { service: "payments-api", environment: "production", effect: "advance" },
  });
  const listed = await bench.ask(cases.list);
  expect(listed.cases).toMatchObject([{ kind: "offboarding", about: "acme" }]);
  expect((await outcomesOf(bench)).map(({ outcome }) => outcome).sort()).toEqual([
    "noted",
    "opened",
  ]);
});

test("who asked for a rotation cannot approve it", async () => {
  const bench = await applied(openBench());
  await bench.ask(credentials.rotate, {
    params: { credential: "payments-db" },
    body: { reason: "before the audit" },
  });
  const [opened] = (await bench.ask(cases.list)).cases;
  expect(opened?.requestedBy).toMatch(/local:ann$/);
  const params = { case: opened!.id };
  expect(await bench.refused(cases.approve, { params })).toMatchObject({ refused: "SAME_PERSON" });
});

test("a case is approved once, and dismissed with a reason that its holder gets", async () => {
  const bench = await applied(openBench());
  await bench.ask(reports.exposure, {
    body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
  });
  const [opened] = (await bench.ask(cases.list)).cases;
  const params = { case: opened!.id };
  await bench.ask(cases.approve, { params });
  await bench.ask(cases.dismiss, { params, body: { reason: "a fixture" } });
  const inputs = [...(bench.ledger.state().tables.inputs?.values() ?? [])];
  expect(inputs.map(({ payload }) => payload)).toEqual([
    { type: "approve", by: "local:ann" },
    { type: "dismiss", by: "local:ann", reason: "a fixture" },
  ]);
});
