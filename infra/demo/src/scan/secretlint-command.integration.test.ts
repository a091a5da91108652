import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, test } from "vitest";
import { carelessConfig } from "../target/connect.ts";
import { secretlintCommand } from "./secretlint-command.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-demo-scan-[x]-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const secretlint = secretlintCommand({ environment: {}, signal: new AbortController().signal });
const url = Secret.fromUtf8("postgres://rekey_payments-db_1:c4n4ry-Vq7wTz2k@127.0.0.1:5432/shop");

const planted = async (name: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, carelessConfig(url));
  return file;
};

interface Reported {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleParentId: string }[];
}

test("the real scanner finds the connection string that a careless person published", async () => {
  const file = await planted("export.env");
  const { findings, report } = await secretlint.run([file]);
  expect(findings).toEqual([{ rule: "PostgreSQLConnection", line: 3 }]);
  const [result] = JSON.parse(report) as [Reported];
  expect(result.filePath).toBe(file);
  expect(result.messages.map(({ ruleParentId }) => ruleParentId)).toEqual([
    "@secretlint/secretlint-rule-preset-recommend",
  ]);
  expect(JSON.stringify(result.messages)).not.toContain("c4n4ry");
});

test("several files are one report, a finding each", async () => {
  const files = await Promise.all(["a.env", "b.env"].map(planted));
  const { findings, report } = await secretlint.run(files);
  expect(findings).toHaveLength(2);
  expect((JSON.parse(report) as Reported[]).map(({ filePath }) => filePath).toSorted()).toEqual(
    files,
  );
});

test("the same file without it has nothing to find", async () => {
  const file = join(folder, "clean.env");
  await writeFile(file, "EXPORT_BUCKET=payments-exports\n");
  expect((await secretlint.run([file])).findings).toEqual([]);
});

test("a scan that failed is not one that found nothing", async () => {
  const scan = secretlint.run([join(folder, "absent.env")]);
  await expect(scan).rejects.toThrow("secretlint ended with 2: Error: Not found target files");
});
