import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { expect, onTestFinished, test } from "vitest";
import { keepSecret, readSecret, scramVerifier } from "./connect.ts";

test("a verifier holds nothing of the password, and no two of one password are alike", async () => {
  const password = Secret.fromUtf8("correct horse battery staple");
  const [first, second] = [await scramVerifier(password), await scramVerifier(password)];
  expect(first).toMatch(
    /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$/,
  );
  expect(first).not.toBe(second);
  expect(first).not.toContain("horse");
});

test("a secret's file is its owner's alone, and one that holds it already is not written again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-secret-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  const file = join(folder, "secrets", "one");
  await keepSecret(file, Secret.fromUtf8("first"));
  const { ino, mode } = await stat(file);
  expect(mode & 0o777).toBe(0o600);
  await keepSecret(file, Secret.fromUtf8("first"));
  expect((await stat(file)).ino).toBe(ino);
  await keepSecret(file, Secret.fromUtf8("second"));
  expect(await readFile(file, "utf8")).toBe("second");
  expect(await readSecret(join(folder, "other"))).toBe(undefined);
});
