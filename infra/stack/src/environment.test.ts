import { expect, test } from "vitest";
import { environmentOf } from "./environment.ts";

test("what is installed is outside the checkout, where the user's caches are", () => {
  expect(environmentOf({ XDG_CACHE_HOME: "/var/caches" }).cache).toBe("/var/caches/rekey-stack");
  expect(environmentOf({}).cache).toMatch(/\/\.cache\/rekey-stack$/);
  expect(environmentOf({ XDG_CACHE_HOME: "caches" }).cache).toMatch(/^\/.*\.cache\/rekey-stack$/);
});

test("a variable moves the cache", () => {
  const variables = { REKEY_STACK_CACHE: "/srv/stack", XDG_CACHE_HOME: "/var/caches" };
  expect(environmentOf(variables).cache).toBe("/srv/stack");
});

test("no variable of the shell changes what a part does", () => {
  const variables = { PATH: "/bin", VAULT_TOKEN: "x", KAFKA_OPTS: "x", PGPASSWORD: "x" };
  expect(environmentOf(variables).variables).toEqual({ PATH: "/bin" });
});

test.each([
  ["true", true],
  ["1", true],
  ["false", false],
  ["", false],
])("with CI=%s a missing part fails its tests: %s", (CI, required) => {
  expect(environmentOf({ CI }).partsRequired).toBe(required);
});
