import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, jsonOf, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("list, show and plan, for people and as JSON", async () => {
  await applyAll(run);
  const { out } = await run("credential list --environment production");
  expect(out.split("\n")[0]).toMatch(/^credential +environment +issuer +current/);
  expect(out).toMatch(/^payments-db +production +warehouse +none/m);
  const shown = await run("credential show payments-db");
  expect(shown.out).toContain("no version yet: `rekey rotate` mints the first");
  expect(shown.out).toContain("never heard from");
  const planned = await run("credential plan payments-db");
  expect(planned.out).toContain("mode observe: it would only be recorded");
  expect(planned.out).toMatch(/^stage#1 +the value is safe in the store/m);
  const wire = await jsonOf<{ credentials: { credential: { id: string } }[] }>(
    run,
    "credential list --json",
  );
  expect(wire.credentials.map((view) => view.credential.id)).toEqual(["orders-db", "payments-db"]);
});

test("a name that is not there is answered with the one that was meant", async () => {
  await applyAll(run);
  for (const words of [
    "credential show",
    "credential plan",
    "rotate --reason x",
    "rotation show",
  ]) {
    const { code, err } = await run(`${words} paymets-db`);
    expect(code).toBe(1);
    expect(err).toContain("there is no credential paymets-db (NOT_FOUND)");
    expect(err).toContain("did you mean payments-db?");
  }
});

test("a principal is vouched for once", async () => {
  await applyAll(run);
  const words = "credential acknowledge-foreign payments-db payments_migration --reason by~hand";
  expect((await run(words)).out).toContain("payments_migration is acknowledged at payments-db");
  const { code, err } = await run(words);
  expect([code, err.includes("ALREADY_DONE")]).toEqual([1, true]);
});
