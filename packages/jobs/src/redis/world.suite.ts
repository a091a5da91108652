import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { startRedis } from "@rekey/stack";
import type { RunningRedis } from "@rekey/stack";
import { Redis } from "ioredis";
import { spawnStuckServer } from "../suite/child.suite.ts";
import type { StuckServer } from "../suite/child.suite.ts";
import type { JobsWorld } from "../suite/world.suite.ts";
import { openRedisDispatcher } from "./open.ts";

export const shortPace = { lockMs: 1_000, stalledMs: 300 };

export interface RedisWorld extends JobsWorld {
  readonly redis: RunningRedis;
  /** Of the test's own, by the name `admin`; gone from every count. */
  readonly admin: Redis;
  /** Names of the others' connections. */
  clients(): Promise<readonly string[]>;
}

/** A server of its own, as it is stopped, paused, filled and started on the way. */
export async function redisWorld(settings: Record<string, string> = {}): Promise<RedisWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-jobs-redis-"));
  const redis = await startRedis({ folder, settings });
  const admin = new Redis(redis.url, { connectionName: "admin" });
  // It is away together with the server.
  admin.on("error", () => undefined);
  const children: StuckServer[] = [];
  const connection = fixedSource(redis.url);
  return {
    redis,
    admin,
    open: () =>
      openRedisDispatcher({ connection, log: silentLog, clock: systemClock, pace: shortPace }),
    openSteady: () => openRedisDispatcher({ connection, log: silentLog, clock: systemClock }),
    lose: async () => void (await admin.flushall()),
    goDown: () => redis.kill(),
    comeBack: () => redis.restart(),
    spawnStuck: async (lane) => {
      const child = await spawnStuckServer(new URL("stuck-server.fixture.ts", import.meta.url), {
        url: redis.url,
        lane,
        pace: shortPace,
      });
      children.push(child);
      return child;
    },
    stored: () => storedText(admin),
    clients: () => otherClients(admin),
    connections: async () => (await otherClients(admin)).length,
    end: async () => {
      for (const child of children) await child.kill();
      admin.disconnect();
      await redis.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function storedText(admin: Redis): Promise<string> {
  const texts: string[] = [];
  for (const key of await admin.keys("*")) {
    // The bytes as Redis would write them to disk: short texts stand in them as they are.
    const bytes = await admin.dumpBuffer(key);
    texts.push(`${key} ${bytes?.toString("latin1") ?? ""}`);
  }
  return texts.join("\n");
}

async function otherClients(admin: Redis): Promise<readonly string[]> {
  const list = String(await admin.client("LIST"));
  const names = [...list.matchAll(/ name=(\S*)/g)].map((found) => found[1] ?? "");
  return names.filter((name) => name !== "admin").toSorted();
}
