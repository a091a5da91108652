import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, test } from "vitest";
import { carelessConfig } from "../target/connect.ts";
import { runSecretlint } from "./run-secretlint.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-demo-scan-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const url = Secret.fromUtf8("postgres://rekey_payments-db_1:c4n4ry-Vq7wTz2k@127.0.0.1:5432/shop");

test("the real scanner finds the connection string that a careless person published", async () => {
  const file = join(folder, "export.env");
  await writeFile(file, carelessConfig(url));
  const { findings, report } = await runSecretlint(file);
  expect(findings).toEqual([{ rule: "PostgreSQLConnection", line: 3 }]);
  const [result] = JSON.parse(report) as [{ messages: unknown[] }];
  expect(JSON.stringify(result.messages)).not.toContain("c4n4ry");
});

test("the same file without it has nothing to find", async () => {
  const file = join(folder, "clean.env");
  await writeFile(file, "EXPORT_BUCKET=payments-exports\n");
  expect((await runSecretlint(file)).findings).toEqual([]);
});
