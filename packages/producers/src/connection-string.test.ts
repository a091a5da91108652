import fc from "fast-check";
import { expect, test } from "vitest";
import { passwordsIn, readingsOf } from "./connection-string.ts";

test("the password of a connection string is found, decoded and as written", () => {
  expect(passwordsIn("postgresql://u:a%2Fb@db.example:5432/x")).toEqual(["a/b", "a%2Fb"]);
  expect(passwordsIn("mysql://u:plain@db.example/x?ssl=1")).toEqual(["plain"]);
  expect(passwordsIn("jdbc:postgresql://db.example/x?user=u&password=in%20query")).toEqual([
    "in query",
    "in%20query",
  ]);
  expect(passwordsIn("redis://:only-a-password@cache.example")).toEqual(["only-a-password"]);
});

test("a password with unescaped separators is among the readings", () => {
  expect(passwordsIn("postgres://u:a@b/c@db.example/x")).toContain("a@b/c");
});

test("what is no connection string has no password", () => {
  for (const text of ["", "AKIAIOSFODNN7EXAMPLE", "https://host.example/a@b", "postgres://u@h/x"]) {
    expect(passwordsIn(text)).toEqual([]);
  }
});

test("every password survives a round trip through a connection string", () => {
  const password = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(password, (value) => {
      const text = `postgres://user:${encodeURIComponent(value)}@db.example/x`;
      expect(passwordsIn(text)).toContain(value);
    }),
  );
});

test("long hostile text is read in bounded time", () => {
  const hostile = `postgres://${":@".repeat(30_000)}`;
  // The least of some: load makes one longer, never shorter.
  const measures = Array.from({ length: 5 }, () => {
    const started = performance.now();
    passwordsIn(hostile);
    return performance.now() - started;
  });
  expect(Math.min(...measures)).toBeLessThan(500);
});

test("what stands behind a connection string is no part of its best reading", () => {
  for (const trailer of ["", '";', "'),", "`", " # note", "</url>"]) {
    expect(readingsOf(`postgres://u:pw-1@db.example/x${trailer}`)[0]).toBe(
      "postgres://u:pw-1@db.example/x",
    );
    expect(readingsOf(`postgres://u:pw-1@db.example/x${trailer}`)).toContain("pw-1");
  }
  expect(readingsOf('AKIA";')).toEqual(['AKIA";']);
});
