import { apiRoutes } from "@rekey/contracts";
import { newId } from "@rekey/runtime";
import { msOf } from "@rekey/testkit";
import { expect, test } from "vitest";
import { applied, openBench } from "./bench.fixture.ts";

const { reports, cases, audit, consumers, switches } = apiRoutes;
const longest = "20000";

const withCase = async () => {
  const bench = await applied(openBench());
  await bench.ask(reports.exposure, {
    body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
  });
  const [opened] = (await bench.ask(cases.list)).cases;
  return { bench, params: { case: opened!.id } };
};

test("a watch answers at once what there is, then waits for what comes", async () => {
  const { bench, params } = await withCase();
  const first = await bench.ask(cases.watch, { params });
  expect(first.events.map(({ type }) => type)).toContain("case.opened");
  const query = { after: first.next!, waitMs: longest };
  const waiting = bench.ask(cases.watch, { params, query });
  await bench.ask(reports.exposure, {
    body: { found: { by: "credential", credential: "payments-db" }, reason: "again" },
  });
  const second = await waiting;
  expect(second.detail.case.signals).toBe(2);
  const again = { after: second.next!, waitMs: "0" };
  expect((await bench.ask(cases.watch, { params, query: again })).events).toEqual([]);
});

test("the audit log is read on from its cursor, and waits for what comes", async () => {
  const { bench } = await withCase();
  const { events, next } = await bench.ask(audit.tail);
  expect(events.length).toBeGreaterThan(0);
  const waiting = bench.ask(audit.tail, { query: { after: next!, waitMs: longest } });
  await bench.ask(switches.pause, { body: { reason: "fire" } });
  expect((await waiting).events.map(({ type }) => type)).toEqual(["pause.set"]);
});

test("a cursor that names no event of this log is refused, not read from somewhere else", async () => {
  const { bench, params } = await withCase();
  const reason = "names no event of this audit log: read on from its start";
  const after = newId();
  for (const refused of [
    await bench.refused(audit.tail, { query: { after } }),
    await bench.refused(cases.watch, { params, query: { after: `${after}~${"0".repeat(16)}` } }),
  ])
    expect(refused).toMatchObject({ refused: "INVALID", problems: [{ path: "after", reason }] });
});

test("the audit log says where each event stands, and a case's part of it the same places", async () => {
  const { bench, params } = await withCase();
  const { events } = await bench.ask(audit.tail);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
  const own = await bench.ask(cases.watch, { params });
  expect(own.events).toEqual(events.filter((event) => event.case === params.case));
});

test("who waits is answered when the gateway closes", async () => {
  const { bench } = await withCase();
  const { next } = await bench.ask(audit.tail);
  const waiting = bench.ask(audit.tail, { query: { after: next!, waitMs: longest } });
  expect(await msOf(() => bench.gateway.close())).toBeLessThan(Number(longest) / 2);
  expect((await waiting).events).toEqual([]);
});

test("a consumer that nobody declared hears nothing", async () => {
  const { bench } = await withCase();
  const query = { consumer: "stranger" };
  expect(await bench.refused(consumers.announcements, { query })).toMatchObject({
    refused: "NOT_FOUND",
  });
  const known = await bench.ask(consumers.announcements, { query: { consumer: "payments-api" } });
  expect(known.announcements).toEqual([]);
  const waited = { consumer: "payments-api", after: known.cursor, waitMs: "50" };
  expect((await bench.ask(consumers.announcements, { query: waited })).cursor).toBe(known.cursor);
});
