import { afterEach, beforeEach, expect, test } from "vitest";
import { applyAll, inventoryYaml, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("shows the difference; --check changes nothing", async () => {
  const file = await office.write("inventory.yaml", inventoryYaml());
  const { code, out } = await run(`apply -f ${file} --check`);
  expect(code).toBe(0);
  expect(out).toContain("+ credential payments-db");
  expect(out).toContain("6 add");
  expect((await run("credential list")).out).toContain("no credentials");
});

test("asks nobody where there is no terminal: --yes has to be said, exit 2", async () => {
  const { code, err } = await run("apply -f -", inventoryYaml());
  expect(code).toBe(2);
  expect(err).toContain("add --yes");
  expect((await run("credential list")).out).toContain("no credentials");
});

test("is idempotent, and tells what vanished without retiring it", async () => {
  await applyAll(run);
  const again = await run("apply -f - --yes", inventoryYaml());
  expect(again.out).toContain("nothing to change: 6 entries are the same");
  const gone = await run("apply -f - --check", inventoryYaml({ credentials: [] }));
  expect(gone.out).toContain("? credential orders-db  no longer in the file: reported, never");
});

test("what vanished is told until it is back, and asks for nothing; what comes back is said to be", async () => {
  await applyAll(run);
  const file = inventoryYaml().replaceAll("orders-db", "ledger-db");
  await run("apply -f - --yes", file);
  const { code, out } = await run("apply -f -", file);
  expect(code).toBe(0);
  expect(out).toContain("? credential orders-db  still not in the file: reported, never retired");
  expect(out).toContain("nothing to change: 6 entries are the same");
  expect((await run("credential list")).out).toMatch(/^orders-db .* undeclared +payments$/m);
  const back = await run("apply -f - --yes", inventoryYaml());
  expect(back.out).toContain("~ credential orders-db  declared again\n");
  expect((await run("credential list")).out).not.toMatch(/^orders-db .*undeclared/m);
});

test("shows what changes in an entry, field by field", async () => {
  await applyAll(run);
  const text = inventoryYaml().replaceAll("reads and writes payments", "reads payments");
  const { out } = await run("apply -f - --check", text);
  expect(out).toContain("~ credential payments-db");
  expect(out).toContain('purpose: "reads and writes payments" → "reads payments"');
});

test.each([
  ["identities: [", "is not valid YAML"],
  ["- a list", "must be a map"],
  ["a: &x 1\nb: *x", "must not use YAML aliases"],
  ["identities: []\nidentities: []", "line 2, column 1"],
  ["wrong: 1", "wrong: is not a known key"],
])("a document that cannot be used ends with 2 and says where: %s", async (text, reason) => {
  const { code, err } = await run("apply -f - --yes", text);
  expect(code).toBe(2);
  expect(err).toContain(reason);
});

test("every problem of an inventory comes with its path", async () => {
  const text = inventoryYaml()
    .replaceAll("warehouse", "wharehouse")
    .replace("kind: partner", "kind: x");
  const { code, err } = await run("apply -f - --yes", text);
  expect(code).toBe(2);
  expect(err).toContain("identities[1].kind:");
  expect(err).toContain("credentials[0].issuer.instance: is no configured issuer");
  expect(err).toContain("credentials[1].issuer.instance: is no configured issuer");
});
