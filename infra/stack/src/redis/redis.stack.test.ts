import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "@rekey/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive } from "../process/identity.ts";
import { redisAnswer, startRedis, type RedisOptions, type RunningRedis } from "./start.ts";
import { describeStack } from "../vitest.ts";

let folder: string;
let started: RunningRedis[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-redis-"));
  started = [];
});

afterEach(async () => {
  for (const part of started) await part.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = async (options: Partial<RedisOptions> = {}): Promise<RunningRedis> => {
  const part = await startRedis({ folder, ...options });
  started.push(part);
  return part;
};

describeStack(["redis"], "Redis", () => {
  test("what it acknowledged is there after kill -9, on the same port", async () => {
    const redis = await start();
    const { port, pid } = redis;
    expect(await redisAnswer(port, "SET kept 42")).toBe("+OK\r\n");
    await redis.kill();
    expect(isAlive(pid)).toBe(false);
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(redis.port).toBe(port);
    expect(await redisAnswer(port, "GET kept")).toBe("$2\r\n42\r\n");
  });

  test("it evicts nothing and listens on 127.0.0.1 only", async () => {
    const { port } = await start();
    expect(await redisAnswer(port, "CONFIG GET maxmemory-policy")).toContain("noeviction");
    expect(await redisAnswer(port, "CONFIG GET bind")).toMatch(/\r\n127\.0\.0\.1\r\n$/);
    expect(await redisAnswer(port, "CONFIG GET appendonly")).toMatch(/\r\nyes\r\n$/);
  });

  test("a setting that a test asks for wins", async () => {
    const { port } = await start({ settings: { "maxmemory-policy": "allkeys-lru" } });
    expect(await redisAnswer(port, "CONFIG GET maxmemory-policy")).toContain("allkeys-lru");
  });

  test("paused it answers nothing, resumed it goes on, and stop works on a paused one", async () => {
    const redis = await start();
    redis.pause();
    expect(await redisAnswer(redis.port)).toBe("");
    redis.resume();
    expect(await redisAnswer(redis.port)).toBe("+PONG\r\n");
    redis.pause();
    await redis.stop();
    expect(isAlive(redis.pid)).toBe(false);
  });
});

describeStack(["redis"], "A part that does not start", () => {
  test("a taken port is refused by the name of who listens, and that one goes on", async () => {
    const first = await start();
    const second = start({ folder: join(folder, "second"), port: first.port });
    await expect(second).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(`port ${first.port}`),
    });
    expect(await redisAnswer(first.port)).toBe("+PONG\r\n");
  });

  test("one that ends at once fails with what it logged", async () => {
    const failing = start({ settings: { "no-such-setting": "1" } });
    await expect(failing).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining("no-such-setting"),
    });
  });

  test("one that is not installed is refused with the command that installs it", async () => {
    const environment = { cache: folder, partsRequired: false, variables: { PATH: folder } };
    await expect(start({ environment })).rejects.toMatchObject({
      code: "PART_MISSING",
      message: "redis is not installed: npx -y pnpm@10 stack install --only redis",
    });
  });
});

describeStack(["redis"], "A part of a test", () => {
  test.runIf(process.platform === "linux")(
    "a test run that is killed leaves no server behind",
    async () => {
      const file = join(import.meta.dirname, "owner.fixture.ts");
      const owner = spawn(process.execPath, [file, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(createInterface({ input: owner.stdout }), "line");
      const pid = Number(line);
      expect(isAlive(pid)).toBe(true);
      owner.kill("SIGKILL");
      await eventually(() => !isAlive(pid));
    },
  );

  test("its log is where it says", async () => {
    const { logFile } = await start();
    expect(await readFile(logFile, "utf8")).toContain("Ready to accept connections");
  });
});
