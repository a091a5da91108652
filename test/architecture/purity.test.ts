import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules/.bin/tsc");
const kept = join(root, ".rekey");
let folder = "";

// Inside the checkout, so that Node's types could be found if the configuration let them in.
beforeAll(async () => {
  await mkdir(kept, { recursive: true });
  folder = await mkdtemp(join(kept, "purity-"));
  const configuration = { extends: "../../packages/domain/tsconfig.json", include: ["*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const compile = async (text: string): Promise<string> => {
  await writeFile(join(folder, "planted.ts"), text);
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "-p", folder], (_failed, stdout) => resolve(stdout));
  });
};

test.each([
  ["process", "export const id = process.pid;"],
  ["fetch", 'export const page = fetch("x");'],
  ["setTimeout", "setTimeout(() => {}, 1);"],
  ["document", "export const page = document;"],
  ["node:fs", 'export { readFileSync } from "node:fs";'],
])("domain's configuration knows no %s", async (name, text) => {
  expect(await compile(text)).toContain(`'${name}'`);
});

test("plain code compiles under domain's configuration", async () => {
  expect(await compile("export const one = 1;")).toBe("");
});
