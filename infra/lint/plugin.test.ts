import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowed, faults } from "./planted.ts";

type Finding = { readonly code: string; readonly filename: string };

const root = join(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");
let tree = "";
let findings: readonly Finding[] = [];

const plant = async (file: { path: string; text: string }): Promise<void> => {
  const target = join(tree, file.path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, file.text);
};

const lint = (): Promise<readonly Finding[]> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, OXLINT_TSGOLINT_PATH: join(bin, "tsgolint") };
    const options = { cwd: tree, env, maxBuffer: 16 * 1024 * 1024, timeout: 50_000 };
    const args = [join(bin, "oxlint"), "--type-aware", "--format", "json", "packages", "services"];
    execFile(process.execPath, args, options, (_failed, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout).diagnostics);
      } catch (cause) {
        reject(new Error(`the linter gave no findings: ${stdout}${stderr}`, { cause }));
      }
    });
  });

// The project's own configuration, so that its overrides are tested with the rules.
beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), "rekey-lint-"));
  await mkdir(join(tree, "infra"));
  await symlink(join(root, "infra/lint"), join(tree, "infra/lint"));
  await copyFile(join(root, ".oxlintrc.json"), join(tree, ".oxlintrc.json"));
  await copyFile(join(root, "tsconfig.base.json"), join(tree, "tsconfig.json"));
  await Promise.all([...faults, ...allowed].map(plant));
  findings = await lint();
}, 60_000);

afterAll(() => rm(tree, { recursive: true, force: true }));

const codesAt = (path: string): string[] =>
  findings.filter((finding) => finding.filename === path).map((finding) => finding.code);

test.each(faults)("$rule is caught in $path", ({ path, rule }) => {
  expect(codesAt(path)).toContain(rule);
});

test.each(allowed)("$path is allowed as it stands", ({ path }) => {
  expect(codesAt(path)).toEqual([]);
});
