import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@rekey/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installOnce } from "./install-once.ts";

const fixture = join(import.meta.dirname, "killed-install.fixture.ts");
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "rekey-install-"));
});

afterEach(async () => {
  await rm(cache, { recursive: true, force: true });
});

const write = (folder: string): Promise<void> => writeFile(join(folder, "program"), "whole");

test("what is there is not built again", async () => {
  const target = join(cache, "part-1");
  await installOnce(target, write);
  await installOnce(target, () => Promise.reject(new Error("built again")));
  expect(await readFile(join(target, "program"), "utf8")).toBe("whole");
});

test("a build that fails leaves nothing behind", async () => {
  const target = join(cache, "part-1");
  const failing = installOnce(target, async (folder) => {
    await write(folder);
    throw new Error("the network went away");
  });
  await expect(failing).rejects.toThrow("the network went away");
  expect(await readdir(cache)).toEqual([]);
});

test("the target is never there half", async () => {
  const target = join(cache, "part-1");
  await installOnce(target, async (folder) => {
    await write(folder);
    expect(existsSync(target)).toBe(false);
  });
  expect(await readdir(cache)).toEqual(["part-1"]);
});

test("two installs at once build once, and the second one says what it waits for", async () => {
  const target = join(cache, "part-1");
  let builds = 0;
  const notes: string[] = [];
  const gate = Promise.withResolvers<void>();
  const build = async (folder: string): Promise<void> => {
    builds++;
    await gate.promise;
    await write(folder);
  };
  const first = installOnce(target, build);
  await eventually(() => builds === 1);
  const second = installOnce(target, build, (text) => notes.push(text));
  await eventually(() => notes.length > 0);
  gate.resolve();
  await Promise.all([first, second]);
  expect(builds).toBe(1);
  expect(notes[0]).toBe(`waiting for the install of process ${process.pid}`);
});

test("an install killed half way leaves no half program, and the next one builds it", async () => {
  const target = join(cache, "part-1");
  const half = `${target}.unfinished-`;
  const killed = spawn(process.execPath, [fixture, target], { stdio: "ignore" });
  await eventually(() => existsSync(join(`${half}${killed.pid}`, "program")), { withinMs: 20_000 });
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(existsSync(target)).toBe(false);
  expect((await readdir(cache)).toSorted()).toEqual([
    "part-1.lock",
    `part-1.unfinished-${killed.pid}`,
  ]);
  await installOnce(target, write);
  expect(await readdir(cache)).toEqual(["part-1"]);
});
