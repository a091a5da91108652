import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimFolder } from "./claim-folder.ts";
import { layoutOf, type Layout } from "./layout.ts";

let home: string;
let layout: Layout;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "rekey-demo-claim-"));
  layout = layoutOf(join(home, "demo"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test("a folder somebody else uses is refused, and nothing in it is touched", async () => {
  const claim = await claimFolder(layout);
  await writeFile(layout.audit, "theirs");
  await expect(claimFolder(layout)).rejects.toThrow(`process ${process.pid} plays`);
  expect(existsSync(layout.audit)).toBe(true);
  await claim.release();
});

test("what the last run left is gone, also when that run was killed", async () => {
  await writeFile(`${layout.root}.pid`, "999999999");
  const claim = await claimFolder(layout);
  expect(existsSync(layout.audit)).toBe(false);
  await claim.release();
  expect(existsSync(`${layout.root}.pid`)).toBe(false);
});
