import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { withArgumentFile, withoutPasswords, type ScramUser } from "./connect.ts";

const users: readonly ScramUser[] = [
  { name: "one", password: Secret.fromUtf8("cNry7]one") },
  { name: "two", password: Secret.fromUtf8("cNry7]one and more") },
];

test("what Kafka's tool says of its arguments is told without their passwords", () => {
  const said = `error: bad argument [name=one,password=cNry7]one] [name=two,password=cNry7]one and more]`;
  const shown = withoutPasswords(said, users);
  expect(shown).toContain("error: bad argument [name=one");
  expect(shown).not.toContain("cNry7");
  expect(shown).not.toContain("and more");
});

test("of a long text the end is told, and no password is cut into a piece that stays", () => {
  const said = `${"x".repeat(10_000)} cNry7]one and more ${"y".repeat(1_985)}`;
  const shown = withoutPasswords(said, users);
  expect(shown.length).toBeLessThanOrEqual(2_000);
  expect(shown).not.toContain("more");
});

test("nothing said is nothing shown", () => {
  expect(withoutPasswords(" \n", users)).toBe("");
});

test("a password that Kafka's tool would split, and quote in pieces, never reaches it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-arguments-"));
  for (const value of ["cNry7,piece", ""]) {
    const split = [{ name: "one", password: Secret.fromUtf8(value) }];
    const starting = withArgumentFile({ folder, words: [], users: split }, () =>
      expect.fail("used"),
    );
    await expect(starting).rejects.toMatchObject({ code: "START_FAILED" });
    await expect(starting).rejects.not.toThrow(/cNry7|piece/);
  }
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
