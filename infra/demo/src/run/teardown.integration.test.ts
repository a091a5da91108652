import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isAlive, startChild } from "./children.ts";
import { leftOver, stopAll } from "./teardown.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-demo-run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const child = async (name: string, code: string) => {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, code);
  const environment = { PATH: "" };
  return startChild({ name, arguments: [file], environment, log: join(folder, `${name}.log`) });
};

test("what still runs and what still listens is found, and what was stopped is not", async () => {
  const idle = await child("idle", "setInterval(() => {}, 1000);");
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const started = [{ name: idle.name, pids: () => [idle.pid], stop: () => idle.stop() }];
  const servers = [{ pid: idle.pid, port }];
  const found = await leftOver(started, servers);
  expect(found.ports).toEqual([port]);
  expect(found.processes).toContain(`idle ${idle.pid}`);
  await stopAll(started);
  await new Promise((resolve) => listener.close(resolve));
  expect(await leftOver(started, servers)).toEqual({ processes: [], ports: [] });
});

test("one that cannot be stopped does not keep the others running", async () => {
  const idle = await child("other", "setInterval(() => {}, 1000);");
  const started = [
    { name: idle.name, pids: () => [idle.pid], stop: () => idle.stop() },
    { name: "broken", pids: () => [], stop: () => Promise.reject(new Error("planted")) },
  ];
  await expect(stopAll(started)).rejects.toThrow("not everything could be stopped");
  expect(isAlive(idle.pid)).toBe(false);
});

test("a child of ours ends by itself when the process that started it is killed", async () => {
  const children = new URL("children.ts", import.meta.url).href;
  const asked = new URL("asked-to-stop.ts", import.meta.url).href;
  const grandchild = join(folder, "grandchild.mjs");
  const body = `import { untilAskedToStop } from ${JSON.stringify(asked)}; await untilAskedToStop();`;
  await writeFile(grandchild, body);
  const parent = await child(
    "parent",
    `import { startChild } from ${JSON.stringify(children)};
     const log = ${JSON.stringify(join(folder, "grandchild.log"))};
     const one = startChild({ name: "g", arguments: [${JSON.stringify(grandchild)}], environment: {}, log });
     console.log(one.pid);
     setInterval(() => {}, 1000);`,
  );
  const pid = await vi.waitFor(
    async () => {
      const text = await readFile(parent.log, "utf8");
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    },
    { timeout: 60_000 },
  );
  process.kill(parent.pid, "SIGKILL");
  await parent.ended;
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 60_000 });
});
