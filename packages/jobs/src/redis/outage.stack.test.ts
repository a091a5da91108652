import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Dispatcher } from "@rekey/domain";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import { leastMs, msOf } from "@rekey/testkit";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { countErrors } from "../suite/errors.suite.ts";
import { freshHint, gate, passes } from "../suite/world.suite.ts";
import { openRedisDispatcher } from "./open.ts";
import type { RedisDispatcherOptions } from "./open.ts";
import { arrives, callsRefused, recovers, recovery, served } from "./serving.suite.ts";
import { redisWorld, shortPace } from "./world.suite.ts";
import type { RedisWorld } from "./world.suite.ts";

const minuteMs = 60_000;
/** Of a promise about time, which a busy machine may have to show more than once. */
const triesMs = 10 * minuteMs;

const split = ([command = "", ...rest]: readonly string[]) => [command, rest] as const;

let world: RedisWorld;
const opened: Dispatcher[] = [];
const open = async (options: Partial<RedisDispatcherOptions> = {}): Promise<Dispatcher> => {
  const dispatcher = await openRedisDispatcher({
    connection: fixedSource(world.redis.url),
    log: silentLog,
    clock: systemClock,
    pace: shortPace,
    ...options,
  });
  opened.push(dispatcher);
  return dispatcher;
};

describeStack(["redis"], "a server of Redis that fails", () => {
  beforeAll(async () => {
    world = await redisWorld();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.close()));
  });
  afterAll(() => world.end());
  contentsVanish();
  serverIsAway();
  serverIsSlowOrFull();
  serverRefusesWrites();
  serverIsOlder();
});

function contentsVanish(): void {
  test("FLUSHALL under servers that wait and run is reported once, and hints arrive as before", async () => {
    const serving = await served(await open());
    await serving.dispatcher.lostContents();
    await world.lose();
    expect(await serving.dispatcher.lostContents()).toBe(true);
    expect(await serving.dispatcher.lostContents()).toBe(false);
    await arrives(serving);
    // What is written by scripts that Redis no longer knows.
    await world.admin.script("FLUSH");
    await world.lose();
    await arrives(serving);
  });
}

function serverIsAway(): void {
  test.each([
    // So long that reconnects fail and wait for one another.
    { time: "some seconds", awayMs: 3_000 },
    { time: "a minute", awayMs: minuteMs },
  ])(
    "stopped for $time: refused meanwhile, hints arrive within 15 s of its return",
    { timeout: triesMs },
    async ({ awayMs }) => {
      const serving = await served(await open());
      await recovers({ serving, url: world.redis.url }, async () => {
        await world.redis.stop();
        await callsRefused(serving.dispatcher);
        await passes(awayMs);
        await callsRefused(serving.dispatcher);
        await world.redis.restart();
      });
    },
  );

  test("killed and restarted: what waited and was on disk arrives too", async () => {
    const dispatcher = await open();
    const hint = freshHint();
    await dispatcher.invite("planned", hint);
    // everysec: on disk once the server says that nothing is pending.
    await vi.waitFor(async () => {
      expect(await world.admin.info("persistence")).toContain("aof_pending_bio_fsync:0");
    }, recovery);
    await world.redis.kill();
    await world.redis.restart();
    const performed: string[] = [];
    await dispatcher.serve("planned", 1, async (each) => void performed.push(each.id));
    await vi.waitFor(() => expect(performed).toContain(hint.id), recovery);
  });

  test("opened while it is away: refused, and its servers begin when it comes", async () => {
    await world.redis.kill();
    const dispatcher = await open();
    const performed: string[] = [];
    await dispatcher.serve("urgent", 4, async (hint) => void performed.push(hint.id));
    await callsRefused(dispatcher);
    await world.redis.restart();
    await arrives({ dispatcher, performed });
    // What it held before is not known to this dispatcher.
    expect(await dispatcher.lostContents()).toBe(true);
    expect(await dispatcher.lostContents()).toBe(false);
  });

  test("closed while it is away, in less than 3 s", async () => {
    const closing = async (): Promise<number> => {
      const { dispatcher } = await served(await open());
      await world.redis.kill();
      const afterMs = await msOf(() => dispatcher.close());
      await world.redis.restart();
      return afterMs;
    };
    expect(await leastMs(3_000, closing)).toBeLessThan(3_000);
    await vi.waitFor(async () => expect(await world.clients()).toEqual([]), recovery);
  });
}

function serverIsSlowOrFull(): void {
  test(
    "paused for longer than every deadline: refused meanwhile, hints arrive within 15 s",
    { timeout: triesMs },
    async () => {
      const serving = await served(await open());
      await recovers({ serving, url: world.redis.url }, async () => {
        world.redis.pause();
        try {
          await callsRefused(serving.dispatcher);
          // Longer than a silent connection is kept.
          await passes(8_000);
          await callsRefused(serving.dispatcher);
        } finally {
          world.redis.resume();
        }
      });
    },
  );
  test("full, without eviction: refused with Redis' own code, asked in tens, and well again with room", async () => {
    const errors = countErrors({ perSecondMax: 50 });
    const dispatcher = await open({ log: errors.log });
    const serving = await served(dispatcher);
    await world.admin.config("SET", "maxmemory", "1");
    try {
      const full = { code: "JOBS_UNREACHABLE", providerCode: "OOM" };
      await expect(dispatcher.invite("urgent", freshHint())).rejects.toMatchObject(full);
      await expect(dispatcher.check()).rejects.toMatchObject(full);
      // How often the server is asked in this time is what the errors tell.
      await passes(2_000);
      await errors.expectSome();
      errors.expectTens();
    } finally {
      await world.admin.config("SET", "maxmemory", "0");
    }
    await arrives(serving);
  });
}

function serverRefusesWrites(): void {
  test.each([
    {
      name: "a replica",
      code: "READONLY",
      refuse: ["REPLICAOF", "127.0.0.1", "1"],
      allow: ["REPLICAOF", "NO", "ONE"],
    },
    {
      name: "short of replicas",
      code: "NOREPLICAS",
      refuse: ["CONFIG", "SET", "min-replicas-to-write", "1"],
      allow: ["CONFIG", "SET", "min-replicas-to-write", "0"],
    },
  ])("$name: refused, asked in tens, and then well again", async ({ code, refuse, allow }) => {
    const errors = countErrors({ perSecondMax: 50 });
    const dispatcher = await open({ log: errors.log });
    const serving = await served(dispatcher);
    // A server that has more to fetch asks for the next at once, whatever it was told before.
    const hold = gate();
    await dispatcher.serve("planned", 2, () => hold.opened);
    for (let hints = 0; hints < 6; hints += 1) await dispatcher.invite("planned", freshHint());
    await vi.waitFor(async () => {
      expect(await world.admin.llen("{rekey-jobs}:planned:active")).toBe(2);
    }, recovery);
    await world.admin.call(...split(refuse));
    hold.open();
    await expect(dispatcher.check()).rejects.toMatchObject({ providerCode: code });
    // How often the server is asked in this time is what the errors tell.
    await passes(2_000);
    await errors.expectSome();
    errors.expectTens();
    await world.admin.call(...split(allow));
    await arrives(serving);
    await vi.waitFor(async () => expect(await dispatcher.outstanding("planned")).toBe(0), recovery);
  });
}

function serverIsOlder(): void {
  test("started again from an older file: what is stale is performed again, what is new goes on", async () => {
    const dispatcher = await open();
    const stale = freshHint();
    const now = join(world.redis.folder, "appendonlydir");
    const older = join(world.redis.folder, "older");
    await dispatcher.invite("sweep", stale);
    await world.redis.stop();
    await cp(now, older, { recursive: true });
    await world.redis.restart();
    const performed: string[] = [];
    await dispatcher.serve("sweep", 1, async (each) => void performed.push(each.id));
    await vi.waitFor(() => expect(performed).toContain(stale.id), recovery);
    await world.redis.stop();
    const before = performed.length;
    await rm(now, { recursive: true });
    await cp(older, now, { recursive: true });
    await world.redis.restart();
    await vi.waitFor(() => expect(performed.length).toBeGreaterThan(before), recovery);
    await arrives(await served(dispatcher));
  });
}
