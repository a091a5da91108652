import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { armFailpoint, killingFailpoint } from "./failpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "rekey-demo-failpoint-"));
const file = join(folder, "failpoint");
afterEach(() => rmSync(file, { force: true }));

test("an armed point kills once, and the process that follows goes on", async () => {
  const kills: string[] = [];
  armFailpoint(file, "mint.after-effect");
  const first = killingFailpoint(file, () => kills.push("first"));
  await first("mint.before-effect");
  void first("mint.after-effect");
  await killingFailpoint(file, () => kills.push("second"))("mint.after-effect");
  expect(kills).toEqual(["first"]);
  rmSync(folder, { recursive: true });
});
