import { Assertion, Fault } from "@rekey/domain";
import { PostgresFault } from "@rekey/runtime";
import { expect, test } from "vitest";
import { migrationFailure } from "./migration-failure.ts";

const refused = (sqlState: string) =>
  new PostgresFault("POSTGRES_UNEXPECTED", { sqlState, cause: undefined });
const away = (sqlState: string) =>
  new Fault("LEDGER_UNREACHABLE", { providerCode: sqlState, cause: refused(sqlState) });

test.each([
  ["55P03", "holds a lock", "run it again"],
  ["42501", "lacks a right", "`ledger.owner`"],
])("a migration that ends with %s says what it is", (sqlState, text, next) => {
  expect(migrationFailure(away(sqlState))).toMatchObject({
    exitCode: 1,
    code: sqlState,
    message: expect.stringContaining(text) as string,
    next: expect.stringContaining(next) as string,
  });
});

test("a broken migration says its SQLSTATE, and nothing that PostgreSQL said", () => {
  const error = Object.assign(new Assertion("refused"), { cause: refused("42P07") });
  expect(migrationFailure(error)).toMatchObject({ code: "42P07", exitCode: 1 });
});

test("a ledger that is away, and what is no failure of it, stay what they are", () => {
  const others = [away("57P03"), new Fault("LEDGER_UNREACHABLE"), new Assertion("a bug"), "text"];
  for (const error of others) expect(migrationFailure(error)).toBe(error);
});
