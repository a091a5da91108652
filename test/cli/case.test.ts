import { credentialId, identityId, obligationId, rotationId, type Version } from "@rekey/domain";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, leakOf, openOffice, type Office } from "./office.fixture.ts";

const leaked: Version = {
  credential: credentialId("payments-db"),
  number: 1,
  label: "current",
  life: "suspended",
  rotation: rotationId(""),
  marked: true,
  fingerprints: [],
  staged: true,
};
const debt = {
  id: obligationId("01900000-0000-7000-8000-0000000000ff"),
  owner: identityId("payments"),
  attempts: 0,
};
const nothingMore = {
  inputsConsumed: [],
  effects: [],
  watches: [],
  audit: [],
  notices: [],
  wakeCases: [],
  release: true,
};

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("is found by what it is about, and by the end of its id", async () => {
  await applyAll(run);
  const id = await leakOf(run);
  for (const name of [id, id.slice(-6), "payments-db"])
    expect((await run(`case show ${name}`)).out).toContain(`case    ${id}`);
  const { code, err } = await run("case show payments-dv");
  expect([code, err.includes("did you mean payments-db?")]).toEqual([1, true]);
  const unknown = await run("case show 0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e");
  expect([unknown.code, unknown.err.includes("there is no such case")]).toEqual([1, true]);
});

test("says of what leaked that it was suspended and not yet tried, until it was refused", async () => {
  await applyAll(run);
  await leakOf(run);
  const { ledger } = office;
  const id = rotationId(await office.openRotation("payments-db"));
  const shownAt = async (seen: Partial<Version>): Promise<string> => {
    const claim = (await ledger.claimRotation({ id, worker: "test" }))!;
    const { rotation, now } = claim;
    const version = { ...leaked, rotation: id, exposedAt: now, suspendedAt: now, ...seen };
    const [cause] = rotation.causes;
    const owed = { case: cause!.case, credential: version.credential, version: version.number };
    await ledger.recordRotation(claim.hold, {
      rotation: { ...rotation, dueAt: now },
      versions: [version],
      obligations: [{ ...debt, ...owed, openedAt: now, dueAt: now }],
      ...nothingMore,
    });
    return (await run("case show payments-db")).out;
  };
  const said = /owed: payments-db#1, since .+, suspended .+, not yet tried and refused/;
  expect(await shownAt({})).toMatch(said);
  const contained = await shownAt({ containedAt: Date.parse("2026-03-02T12:00:00Z") });
  expect(contained).toContain("owed: payments-db#1, since ");
  expect(contained).not.toContain("not yet tried");
});

test("is listed with its state; refused signals apart", async () => {
  expect((await run("case list")).out).toBe("no cases\n");
  await applyAll(run);
  await leakOf(run);
  expect((await run("case list --open")).out).toMatch(/incident +payments-db +\S+ +observe/);
  expect((await run("case list --refused")).out).toBe("nothing was refused\n");
  const both = await run("case list --refused --open");
  expect([both.code, both.err.includes("cannot be used with")]).toEqual([2, true]);
  expect((await run("case show payments-db")).out).toContain(" by api, 1 signal\n");
});

test("is approved, and dismissed with a reason", async () => {
  await applyAll(run);
  await leakOf(run);
  const approved = await run("case approve payments-db --reason seen~in~the~window");
  expect(approved.out).toContain("approved payments-db");
  expect((await run("case dismiss payments-db")).code).toBe(2);
  const { code, out } = await run("case dismiss payments-db --reason a~fixture");
  expect([code, out.includes("dismissed payments-db")]).toEqual([0, true]);
});

test("a watch ends with 0 when it is closed", async () => {
  await applyAll(run);
  const id = await leakOf(run);
  const watching = run(`case watch ${id}`);
  await office.park(id, { at: "closed", outcome: "proven-dead", reason: "all of it is dead" });
  const { code, out } = await watching;
  expect(code).toBe(0);
  expect(out).toMatch(/^ +0\.\d s {2}case +opened: /m);
  expect(out).toMatch(/case +proven-dead: all of it is dead/);
});

test("a watch ends with 4 when it halts, with what is safe to do", async () => {
  await applyAll(run);
  const id = await leakOf(run);
  await office.park(id, {
    at: "halted",
    halt: { code: "GRACE_OVER", reason: "grace ended", nextSafeAction: "move them" },
  });
  const { code, err } = await run(`case watch ${id}`);
  expect(code).toBe(4);
  expect(err).toContain("payments-db halted: grace ended (GRACE_OVER)");
  expect(err).toContain("next: move them");
});

test("a watch gives up after its time, exit 1", async () => {
  await applyAll(run);
  await leakOf(run);
  const { code, err } = await run("case watch payments-db --timeout soon");
  expect([code, err]).toEqual([2, expect.stringContaining("must be a number and a unit")]);
  const late = await run("case watch payments-db --timeout 1~s");
  expect([late.code, late.err.includes("was not closed within 1.0 s")]).toEqual([1, true]);
});

test("a resume of a rotation that waits for consumers says so, and a cut-off says whom it is about", async () => {
  await applyAll(run);
  await run("mode act --everything --reason go");
  await run("rotate payments-db --reason first");
  const id = await office.openRotation("manual:payments-db");
  const early = await run(`rotation resume ${id} --cut-off`);
  expect(early.code).toBe(1);
  expect(early.err).toContain("does not wait for consumers: there is nobody to cut off");
  const reason = "not moved yet: payments-api";
  const until = Date.now() + 60_000;
  await office.parkRotation(id, { at: "waiting", for: "consumers", until, reason });
  const resumed = await run("rotation resume payments-db --reason it~is~moved");
  expect(resumed.out).toContain("payments-db goes on waiting for consumers (not moved yet: pay");
  const cut = await run("rotation resume payments-db --cut-off");
  expect([cut.code, cut.out.includes("cut-off of the consumers that have not moved")]).toEqual([
    0,
    true,
  ]);
  const undone = await run("rotation undo payments-db --reason a~report~broke");
  expect(undone.out).toContain("undo is asked of payments-db");
  const told = [...(office.ledger.state().tables.inputs?.values() ?? [])];
  expect(told.map(({ payload }) => "reason" in payload && payload.reason)).toEqual([
    "it is moved",
    false,
    "a report broke",
  ]);
});

test("rotations that are not there are refused with what to do", async () => {
  await applyAll(run);
  const { code, err } = await run("rotation resume payments-db --cut-off");
  expect(code).toBe(1);
  expect(err).toContain("payments-db has no active rotation");
  expect(err).toContain("`rekey rotate payments-db` asks for one");
  const unknown = await run("rotation undo 0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e");
  expect([unknown.code, unknown.err.includes("there is no such rotation")]).toEqual([1, true]);
});
