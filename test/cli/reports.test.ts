import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, openOffice, type Office } from "./office.fixture.ts";

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
  expect(out).toContain("accepted 1, refused 0");
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
  expect(refused.out).toContain("refused  from api, now: the request has problems");
  expect(refused.out).toContain("    occurredAt: must be an RFC 3339 time");
});

test("a scan that cannot be read is refused with its place, exit 2", async () => {
  const { code, err } = await run("report scan --format secretlint -", "{");
  expect(code).toBe(2);
  expect(err).toContain("body: is not valid JSON");
  const unknown = await run("report scan --format trufflehog -", "[]");
  expect(unknown.err).toContain("format: must be one of native, secretlint");
  const file = await run("report scan --format secretlint /nonexistent");
  expect([file.code, file.err.includes("ENOENT")]).toEqual([2, true]);
});

test("an empty scan is accepted", async () => {
  const { code, out } = await run("report scan --format secretlint -", "[]");
  expect([code, out]).toEqual([0, "accepted 0, refused 0\n"]);
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

test("a rotation is asked for; who asked cannot approve it", async () => {
  await applyAll(run);
  const { code, out } = await run("rotate payments-db --reason before~the~audit");
  expect([code, out.includes("kind campaign about manual:payments-db")]).toEqual([0, true]);
  const approved = await run("case approve manual:payments-db");
  expect(approved.code).toBe(1);
  expect(approved.err).toContain("SAME_PERSON");
  expect(approved.err).toContain("next: ask another person with the role approver");
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
