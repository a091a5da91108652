import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, jsonOf, leakOf, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("debt is listed with its age", async () => {
  expect((await run("debt")).out).toBe("nothing is owed\n");
  await applyAll(run);
  await run("mode act --everything --reason go");
  await leakOf(run);
  const { out } = await run("debt");
  expect(out.split("\n")[0]).toMatch(/^owed +owner +age +next attempt/);
  const wire = await jsonOf<{ obligations: { openedAt: string }[] }>(run, "debt --json");
  expect(wire.obligations[0]?.openedAt).toMatch(/^20\d\d-\d\d-\d\dT.*Z$/);
});

const cellsOf = (out: string): readonly (readonly string[])[] =>
  out
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

test("the audit log's end is shown, filtered, and as JSON", async () => {
  expect((await run("audit tail")).out).toBe("nothing is recorded yet\n");
  await applyAll(run);
  await leakOf(run);
  const all = await run("audit");
  expect(all.out).toMatch(/inventory\.applied.*local:ann/);
  const [titles, last = []] = cellsOf((await run("audit tail -n 1")).out);
  expect(titles).toEqual(["when", "event", "about", "by", "reason"]);
  // How long ago it was is another text a moment later.
  expect(cellsOf(all.out).at(-1)?.slice(1)).toEqual(last.slice(1));
  const about = await jsonOf<{ events: { type: string; case: string }[] }>(
    run,
    "audit --case payments-db --json",
  );
  expect(about.events.length).toBeGreaterThan(0);
  const slip = await run("audit tail --credential paymets-db");
  expect([slip.code, slip.err.includes("did you mean payments-db?")]).toEqual([1, true]);
  expect(new Set(about.events.map((event) => typeof event.case))).toEqual(new Set(["string"]));
});

test("modes and the pause are shown and set, each with a reason", async () => {
  await applyAll(run);
  expect((await run("mode")).out).toContain("no mode is set: Rekey only observes");
  expect((await run("mode act --everything")).err).toContain("add --reason");
  expect((await run("mode act --reason x")).err).toContain("name one scope");
  expect((await run("mode act --everything --issuer w --reason x")).code).toBe(2);
  const { out } = await run("mode act --environment production --reason trial~is~over");
  expect(out).toMatch(/^environment +production +act$/m);
  const nobody = await run("mode act --environment prodction --reason x");
  expect(nobody.code).toBe(0);
  expect(nobody.err).toContain("warning: no credential is declared in environment prodction yet");
  expect(nobody.err).toContain("did you mean production?");
  expect((await run("mode act --environment production --reason x")).err).toBe("");
  const typo = await run("mode act --credential paymets-db --reason x");
  expect([typo.code, typo.err.includes("there is no credential")]).toEqual([1, true]);
  const paused = await run("pause --all --reason fire");
  expect(paused.out).toContain("paused: everything, containment too (fire)");
  expect((await run("unpause --reason out")).out).toMatch(/^not paused\n\n/);
  expect((await run("pause")).code).toBe(2);
});
