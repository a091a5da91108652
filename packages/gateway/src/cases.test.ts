import { apiRoutes } from "@rekey/contracts";
import { caseId, rotationId, type Rotation } from "@rekey/domain";
import { expect, test } from "vitest";
import { applied, openBench } from "./bench.fixture.ts";
import { nothingElse, put, wished } from "./rotation.fixture.ts";

const { cases, credentials, rotations, switches } = apiRoutes;
const params = { credential: "payments-db" };

const waits = {
  at: "waiting",
  for: "consumers",
  until: Date.now() + 60_000,
  reason: "not moved yet: payments-api",
} as const;

test("a case that waits says for which rotation, and what that one waits for", async () => {
  const bench = await applied(openBench());
  const { id, rotation } = await wished(bench);
  await put(bench, rotation, { rotation: { state: waits } });
  const waitsOn = {
    rotations: 1,
    first: [{ credential: "payments-db", state: expect.objectContaining({ for: "consumers" }) }],
  };
  expect((await bench.ask(cases.list)).cases).toMatchObject([{ waitsOn }]);
  const shown = await bench.ask(cases.show, { params: { case: id } });
  expect(shown.case).toMatchObject({ waitsOn });
});

test("a case that waits for a provider that failed waits for no rotation", async () => {
  const bench = await applied(openBench());
  const { id } = await wished(bench);
  const claim = await bench.ledger.claimCase({ id: caseId(id), worker: "test" });
  const until = Date.now() + 60_000;
  const reason = "PROVIDER_UNREACHABLE";
  await bench.ledger.recordCase(claim!.hold, {
    ...nothingElse,
    case: { ...claim!.case, state: { at: "waiting", for: "provider", until, reason } },
    items: [],
    openings: [],
  });
  const [listed] = (await bench.ask(cases.list)).cases;
  expect(listed).toMatchObject({ state: { reason } });
  expect(listed).not.toHaveProperty("waitsOn");
});

test("a dismissed case's items are withdrawn", async () => {
  const bench = await applied(openBench());
  const { id } = await wished(bench);
  const before = await bench.ask(cases.show, { params: { case: id } });
  expect(before.items[0]).not.toHaveProperty("outcome");
  const claim = await bench.ledger.claimCase({ id: caseId(id), worker: "test" });
  const state = { at: "closed", outcome: "dismissed", reason: "a fixture" } as const;
  await bench.ledger.recordCase(claim!.hold, {
    ...nothingElse,
    case: { ...claim!.case, state },
    items: [],
    openings: [],
  });
  const { items } = await bench.ask(cases.show, { params: { case: id } });
  expect(items).toMatchObject([{ outcome: "withdrawn" }]);
});

test("nobody is cut off but by the rotation that waits for consumers", async () => {
  const bench = await applied(openBench());
  const { rotation } = await wished(bench);
  const reason = "billing is moved by hand";
  const asked = { params: { rotation }, body: { cutOff: true, reason } };
  const refused = await bench.refused(rotations.resume, asked);
  expect(refused).toMatchObject({ refused: "WRONG_STATE" });
  expect(refused.reason).toContain("does not wait for consumers");
  await put(bench, rotation, { rotation: { state: waits } });
  await bench.ask(rotations.resume, asked);
  const inputs = [...(bench.ledger.state().tables.inputs?.values() ?? [])];
  expect(inputs.map(({ payload }) => payload)).toEqual([
    { type: "resume", by: "local:ann", cutOff: true, reason },
  ]);
  const halt = { code: "GRACE_OVER", reason: "grace ended", nextSafeAction: "move them" } as const;
  await put(bench, rotation, { rotation: { state: { at: "halted", halt } } });
  await bench.ask(rotations.resume, asked);
});

test("a wish for what has ended is refused, with the time of its end, and opens no case", async () => {
  const bench = await applied(openBench());
  const { rotation } = await wished(bench);
  const provenDeadAt = Date.parse("2026-03-02T09:15:04.120Z");
  const version = {
    credential: "payments-db" as Rotation["credential"],
    number: 1,
    label: "previous",
    life: "revoked",
    rotation: rotationId(rotation),
    marked: true,
    fingerprints: [],
    staged: true,
    provenDeadAt,
  } as const;
  const state = { at: "completed" } as const;
  const over = { state, endedAt: provenDeadAt };
  await put(bench, rotation, { rotation: over, versions: [version], ended: true });
  const known = (await bench.ask(cases.list)).cases.length;
  for (const wanted of ["successor", "none"] as const) {
    const asked = { params, body: { reason: "again", wanted } };
    const { refused, reason } = await bench.refused(credentials.rotate, asked);
    expect(refused).toBe("WRONG_STATE");
    expect(reason).toContain("payments-db ended at 2026-03-02T09:15:04.120Z");
  }
  expect((await bench.ask(cases.list)).cases).toHaveLength(known);
});

test("whoever asks in a scope that proposes is told at once, and at the refusal, what goes on without another person", async () => {
  const bench = await applied(openBench());
  const body = { scope: "environment", name: "production", mode: "propose", reason: "x" } as const;
  await bench.ask(switches.setMode, { body });
  await bench.ask(credentials.rotate, { params, body: { reason: "before the audit" } });
  const [found] = (await bench.ask(cases.list)).cases;
  const { next } = await bench.ask(cases.show, { params: { case: found!.id } });
  const way =
    "on this socket it goes on at once after `rekey mode act --environment production --reason …`";
  expect(next).toContain(`whoever asked cannot approve it; ${way}`);
  const refused = await bench.refused(cases.approve, { params: { case: found!.id } });
  expect(refused.refused).toBe("SAME_PERSON");
  expect(refused.reason).toContain(`; next: ${way}`);
});

test("what nobody asked for is approved at the socket, and says so", async () => {
  const bench = await applied(openBench());
  await bench.ask(switches.setMode, {
    body: { scope: "everything", name: "", mode: "propose", reason: "x" },
  });
  await bench.ask(apiRoutes.reports.exposure, {
    body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
  });
  const [found] = (await bench.ask(cases.list)).cases;
  const asked = { params: { case: found!.id } };
  expect((await bench.ask(cases.show, asked)).next).toContain("`rekey case approve payments-db`");
  await bench.ask(cases.approve, asked);
});
