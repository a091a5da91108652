import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench } from "./bench.fixture.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-"));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const statusOf = async (socketPath: string): Promise<number> =>
  await new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: "/healthz", agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.once("error", reject).end();
  });

test("only the owner can connect, and the file is gone after the end", async () => {
  const socketPath = join(folder, "rekey.sock");
  const { gateway } = openBench();
  await gateway.listen({ socketPath });
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  expect(await statusOf(socketPath)).toBe(200);
  await gateway.close();
  await expect(stat(socketPath)).rejects.toThrow(/ENOENT/);
});

test("the socket file of a process that was killed is replaced", async () => {
  const socketPath = join(folder, "rekey.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(socketPath)}, () => console.log("up"))`;
  const dead = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  await once(dead.stdout, "data");
  dead.kill("SIGKILL");
  await once(dead, "exit");
  expect((await stat(socketPath)).isSocket()).toBe(true);
  const { gateway } = openBench();
  await gateway.listen({ socketPath });
  expect(await statusOf(socketPath)).toBe(200);
  await gateway.close();
});

test("a socket that somebody answers at is left to them", async () => {
  const socketPath = join(folder, "rekey.sock");
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(socketPath, resolve));
  await expect(openBench().gateway.listen({ socketPath })).rejects.toThrow(/another process/);
  expect((await stat(socketPath)).isSocket()).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});

test("a file that is no socket is never removed", async () => {
  const socketPath = join(folder, "rekey.sock");
  await writeFile(socketPath, "mine");
  await expect(openBench().gateway.listen({ socketPath })).rejects.toThrow(/is no socket/);
  expect((await stat(socketPath)).size).toBe(4);
});

test("a path that no socket can have is refused with its length", async () => {
  const socketPath = join(folder, "x".repeat(120));
  await expect(openBench().gateway.listen({ socketPath })).rejects.toThrow(/103 bytes/);
});
