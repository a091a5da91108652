import { apiRoutes } from "@rekey/contracts";
import {
  caseId,
  rotationId,
  type CaseCommit,
  type Rotation,
  type RotationCommit,
} from "@rekey/domain";
import { expect, test } from "vitest";
import { applied, openBench, type Bench } from "./bench.fixture.ts";

const { cases, credentials, rotations, switches } = apiRoutes;
const params = { credential: "payments-db" };

const nothingElse = { inputsConsumed: [], obligations: [], audit: [], notices: [], release: true };

/** Asks for a rotation and opens it as the case's holder would; answers both ids. */
const wished = async (
  bench: Bench,
): Promise<{ readonly id: string; readonly rotation: string }> => {
  await bench.ask(credentials.rotate, { params, body: { reason: "before the audit" } });
  const [found] = (await bench.ask(cases.list)).cases;
  const claim = await bench.ledger.claimCase({ id: caseId(found!.id), worker: "test" });
  if (claim === undefined) throw new Error("the case cannot be claimed");
  const [item] = claim.items;
  const until = claim.now + 60_000;
  const state = { at: "waiting", for: "rotations", until, reason: "wave 1 is running" } as const;
  const commit: CaseCommit = {
    ...nothingElse,
    case: { ...claim.case, state, dueAt: claim.now },
    items: [item!],
    openings: [
      {
        credential: item!.credential,
        cause: { ...claim.case.cause, case: claim.case.id },
        exposed: [],
        wanted: item!.wanted,
        mode: "act",
        approved: false,
      },
    ],
  };
  const recorded = await bench.ledger.recordCase(claim.hold, commit);
  return { id: found!.id, rotation: recorded?.items[0]?.rotation ?? "" };
};

type Change = Omit<Partial<RotationCommit>, "rotation"> & {
  readonly rotation: Partial<Rotation>;
};

/** Puts the rotation into another state, as its holder would. */
const put = async (
  bench: Bench,
  id: string,
  { rotation: change, ...given }: Change,
): Promise<void> => {
  const claim = await bench.ledger.claimRotation({ id: rotationId(id), worker: "test" });
  if (claim === undefined) throw new Error("the rotation cannot be claimed");
  await bench.ledger.recordRotation(claim.hold, {
    ...nothingElse,
    rotation: { ...claim.rotation, ...change },
    versions: [],
    effects: [],
    watches: [],
    wakeCases: [],
    ...given,
  });
};

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
  const asked = { params: { rotation }, body: { cutOff: true } };
  const refused = await bench.refused(rotations.resume, asked);
  expect(refused).toMatchObject({ refused: "WRONG_STATE" });
  expect(refused.reason).toContain("does not wait for consumers");
  await put(bench, rotation, { rotation: { state: waits } });
  await bench.ask(rotations.resume, asked);
  const inputs = [...(bench.ledger.state().tables.inputs?.values() ?? [])];
  expect(inputs.map(({ payload }) => payload)).toEqual([
    { type: "resume", by: "local:ann", cutOff: true },
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
    "on this socket: `rekey mode act --environment production --reason …`, then ask again";
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
