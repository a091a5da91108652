import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileSink } from "./canary-sinks.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-sinks-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

const namesIn = async (path: string): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { name } of fileSink(path).contents()) names.push(name);
  return names;
};

test("a file that is gone when it is its turn ends no search, a place that was never there does", async () => {
  for (const name of ["a", "c"]) await writeFile(join(folder, name), name);
  // Listed and not to be found, as what a server removes between the two.
  await symlink(join(folder, "removed"), join(folder, "b"));
  expect((await namesIn(folder)).toSorted()).toEqual([join(folder, "a"), join(folder, "c")]);
  await expect(namesIn(join(folder, "never"))).rejects.toMatchObject({ code: "ENOENT" });
});
