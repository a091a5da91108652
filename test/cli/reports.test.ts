import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, jsonOf, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("a secret is read from standard input, and its case is named", async () => {
  await applyAll(run);
  const { code, out, err } = await run("report exposure --reason seen", "hunter2hunter2\n");
  expect(code).toBe(1);
  expect(out).toMatch(/^received 1\n {2}refused: /);
  expect(out).toContain("refused: no version with this fingerprint or name is known");
  expect(out + err).not.toContain("hunter2");
});

test("a secret is never an argument", async () => {
  const { code } = await run("report exposure --reason seen hunter2hunter2");
  expect(code).toBe(2);
  const empty = await run("report exposure --reason seen");
  expect(empty.code).toBe(2);
  expect(empty.err).toContain("standard input has no secret");
});

test("a credential is named instead, with its version", async () => {
  await applyAll(run);
  const { code, out } = await run("report exposure --credential payments-db --reason seen");
  expect(code).toBe(0);
  expect(out).toMatch(/opened: a case of kind incident about payments-db {2}[0-9a-f-]{36}/);
  const wrong = await run("report exposure --credential Payments --reason seen");
  expect([wrong.code, wrong.err.includes("payments-db#3")]).toEqual([2, true]);
});

test("an impossible time is refused with its place, exit 2, and listed", async () => {
  await applyAll(run);
  const words = "report exposure --credential payments-db --reason seen --occurred-at 2026-02-30";
  const { code, err } = await run(words);
  expect(code).toBe(2);
  expect(err).toContain("occurredAt: must be an RFC 3339 time");
  const refused = await run("case list --refused");
  expect(refused.out).toMatch(/refused {2}from api, (now|\d+ s ago): the request has problems/);
  expect(refused.out).toContain("    occurredAt: must be an RFC 3339 time");
});

test("a scan that cannot be read is refused with its place, exit 2", async () => {
  const { code, err } = await run("report scan --format secretlint -", "{");
  expect(code).toBe(2);
  expect(err).toContain("body: is not valid JSON");
  const unknown = await run("report scan --format trufflehog -", "[]");
  expect(unknown.err).toContain("format: must be one of gitleaks, native, sarif, secretlint");
  const file = await run("report scan --format secretlint /nonexistent");
  expect([file.code, file.err.includes("ENOENT")]).toEqual([2, true]);
});

test("an empty scan is accepted", async () => {
  for (const format of ["secretlint", "gitleaks"]) {
    const { code, out } = await run(`report scan --format ${format} -`, "[]");
    expect([code, out]).toEqual([0, "received 0\n"]);
  }
  const { code } = await run("report scan --format sarif -", '{"version":"2.1.0","runs":[]}');
  expect(code).toBe(0);
});

test("somebody leaves, by identity or by the name a feed has", async () => {
  await applyAll(run);
  const { code, out } = await run("report offboarding --partner acme --reason it~ends");
  expect([code, out.includes("a case of kind offboarding about acme")]).toEqual([0, true]);
  const alias = await run("report offboarding --partner externalId=partner-acme --reason again");
  expect(alias.out).toContain("joined");
  const nobody = await run("report offboarding --reason x");
  expect([nobody.code, nobody.err.includes("--partner")]).toEqual([2, true]);
});

test("a deployment is noted", async () => {
  await applyAll(run);
  const { code, out } = await run(
    "report deployment --service payments-api --environment production",
  );
  expect([code, out.includes("noted: consumers of the service may have moved")]).toEqual([0, true]);
  expect((await run("report deployment --service x")).code).toBe(2);
  const bad = "report deployment --service a --environment b --effect explode";
  expect((await run(bad)).err).toContain("Allowed choices are advance");
});

test("what became of a report is in its JSON, with the case, and a refused one still ends with 1", async () => {
  await applyAll(run);
  const wish = await run("rotate payments-db --reason first --json");
  const { accepted, outcomes } = JSON.parse(wish.out) as {
    accepted: { eventId: string }[];
    outcomes: object[];
  };
  const { cases } = await jsonOf<{ cases: { id: string }[] }>(run, "case list --json");
  expect(outcomes).toEqual([
    {
      eventId: accepted[0]?.eventId,
      outcome: "opened",
      reason: "a case of kind campaign about manual:payments-db",
      case: cases[0]?.id,
    },
  ]);
  const unknown = await run("report exposure --reason seen --json", "hunter2hunter2");
  expect(unknown.code).toBe(1);
  expect(JSON.parse(unknown.out)).toMatchObject({
    outcomes: [{ outcome: "refused", reason: expect.stringContaining("fingerprint or name") }],
  });
});

test("several reports are counted by what became of them", async () => {
  await applyAll(run);
  const message = (range: readonly number[]) => ({
    type: "message",
    ruleId: "@secretlint/secretlint-rule-database-connection-string",
    messageId: "PostgreSQLConnection",
    message: "found",
    severity: "error",
    loc: { start: { line: 1, column: 0 }, end: { line: 1, column: 9 } },
    range,
  });
  const sourceContent = "postgres://payments_v1:hunter2hunter2@db/payments";
  const messages = [message([0, sourceContent.length]), message([9, 5])];
  const report = JSON.stringify([{ filePath: "a.ts", sourceContent, messages }]);
  const { code, out, err } = await run("report scan --format secretlint -", report);
  expect(code).toBe(1);
  expect(out).toMatch(/^received 2: 2 refused\n {2}refused: no version/);
  expect(err).toContain("2 of 2 reported were refused");
});

test("a rotation is asked for; who asked cannot approve it", async () => {
  await applyAll(run);
  const { code, out } = await run("rotate payments-db --reason before~the~audit");
  expect([code, out.includes("kind campaign about manual:payments-db")]).toEqual([0, true]);
  const approved = await run("case approve manual:payments-db");
  expect(approved.code).toBe(1);
  expect(approved.err).toContain("SAME_PERSON");
  expect(approved.err).toContain("whoever asked for it cannot approve it");
  expect(approved.err).toContain("`rekey case dismiss manual:payments-db --reason …` ends it");
});

test("a wish in a scope that proposes is told at once how it goes on from this socket", async () => {
  await applyAll(run);
  await run("mode propose --credential payments-db --reason trial");
  const { code, out } = await run("rotate payments-db --reason first");
  expect(code).toBe(0);
  expect(out).toMatch(
    / {2}next: .*on this socket it goes on at once after `rekey mode act --credential payments-db /,
  );
  const { err } = await run("case approve manual:payments-db");
  expect(err).toMatch(
    /^ {2}next: on this socket it goes on at once after `rekey mode act --credential payments-db /m,
  );
});

test("a value that was reported is in nothing that a command writes", async () => {
  await applyAll(run);
  const { out, err } = await run("report exposure --reason seen --json", "correct-horse-staple");
  const rest = await Promise.all(
    ["audit --json", "case list --refused --json", "debt --json"].map((words) => run(words)),
  );
  const all = [out, err, ...rest.flatMap((ended) => [ended.out, ended.err])].join("");
  expect(all).not.toContain("correct-horse");
});
