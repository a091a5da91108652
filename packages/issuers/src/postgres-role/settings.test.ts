import { expect, test } from "vitest";
import { settingsOf, settingsProblems } from "./settings.ts";

const good = { group: "app", database: "app" };

test("settings name a group and a database, and may limit connections", () => {
  expect(settingsProblems(good)).toEqual([]);
  expect(settingsProblems({ ...good, connectionLimit: 5 })).toEqual([]);
  expect(settingsOf(good)).toEqual(good);
});

test("every problem is reported at once, at its field", () => {
  const bad = { group: "", database: "d".repeat(64), connectionLimit: 1.5, colour: "red" };
  const paths = settingsProblems(bad).map(({ path }) => path);
  expect(paths.toSorted()).toEqual(["", "connectionLimit", "database", "group"]);
  expect(settingsProblems(undefined)).toHaveLength(1);
});

test("a group is a role that people make", () => {
  for (const group of ["none", "public", "pg_read_all_data", "a\0b", "\ud800", "ü".repeat(32)])
    expect(settingsProblems({ ...good, group })).toMatchObject([{ path: "group" }]);
});

test("settings that went wrong after apply are a fault, not a surprise", () => {
  expect(() => settingsOf({ group: "app" })).toThrow("rejects the request");
});
