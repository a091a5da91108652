import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import { leastMs, msOf, startTcpProxy } from "@rekey/testkit";
import type { TcpProxy } from "@rekey/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { passes } from "../suite/world.suite.ts";
import { openRedisDispatcher } from "./open.ts";
import { arrives, arrivesFrom, callsRefused, recovers, recovery, served } from "./serving.suite.ts";
import type { Served } from "./serving.suite.ts";
import { redisWorld, shortPace } from "./world.suite.ts";
import type { RedisWorld } from "./world.suite.ts";

describeStack(["redis"], "a network to Redis that fails", () => {
  let world: RedisWorld;
  let path: Path;
  let serving: Served;
  beforeAll(async () => {
    world = await redisWorld();
  });
  beforeEach(async () => {
    path = await openPath(world.redis.port);
    serving = await servedThrough(path);
  });
  afterEach(async () => {
    await serving.dispatcher.close();
    await path.close();
  });
  afterAll(() => world.end());

  test("half open, then whole again: refused meanwhile, hints arrive within 15 s", async () => {
    await recovers({ serving, url: urlOf(path) }, async () => {
      path.first.set({ kind: "black-hole" });
      await callsRefused(serving.dispatcher);
      // Longer than a silent connection is kept, and than what replaces it: all of them are half open by then.
      await passes(10_000);
      await callsRefused(serving.dispatcher);
      path.first.set({ kind: "none" });
    });
  });

  test("connections that are reset over and over delay hints, nothing more", async () => {
    for (let resets = 0; resets < 20; resets += 1) await resetAgain(path);
    await arrives(serving);
  });

  deadPaths(
    () => world,
    () => serving,
  );
});

/** Each with a path of its own, and nobody else to take its hints. */
function deadPaths(world: () => RedisWorld, serving: () => Served): void {
  test("open connections that stay dead are given up for new ones: hints arrive within 15 s", async () => {
    // Or it would take the hints of the others.
    await serving().dispatcher.close();
    const other = await world().open();
    const givenUpMs = async (): Promise<number> => {
      const own = await openPath(world().redis.port);
      const alone = await servedThrough(own);
      own.first.set({ kind: "black-hole" });
      own.redirect();
      // Idle: nothing but their own looks can tell the servers that they are alone.
      const afterMs = await msOf(() => arrivesFrom(other, alone));
      await arrives(alone);
      await alone.dispatcher.close();
      await own.close();
      return afterMs;
    };
    expect(await leastMs(15_000, givenUpMs)).toBeLessThan(15_000);
    await other.close();
  });

  test("closing on a dead path takes less than 3 s and leaves no connection at the server", async () => {
    // Or it would take the hints of the others.
    await serving().dispatcher.close();
    const closing = async (): Promise<number> => {
      const own = await openPath(world().redis.port);
      const { dispatcher } = await servedThrough(own);
      own.first.set({ kind: "black-hole" });
      const afterMs = await msOf(() => dispatcher.close());
      own.first.reset();
      await own.close();
      return afterMs;
    };
    expect(await leastMs(3_000, closing)).toBeLessThan(3_000);
    await expect.poll(() => world().clients()).toEqual([]);
  });
}

const urlOf = ({ port }: Path): string => `redis://127.0.0.1:${port}`;

const servedThrough = async (path: Path): Promise<Served> =>
  await served(
    await openRedisDispatcher({
      connection: fixedSource(urlOf(path)),
      log: silentLog,
      clock: systemClock,
      pace: shortPace,
    }),
  );

interface Path {
  readonly port: number;
  readonly first: TcpProxy;
  /** How many connections were made so far. */
  accepted(): number;
  /** New connections take another way; those that are open stay where they are. */
  redirect(): void;
  close(): Promise<void>;
}

/** Ends when there is a connection that was made after the reset, for the next one to meet. */
async function resetAgain(path: Path): Promise<void> {
  const before = path.accepted();
  path.first.reset();
  await vi.waitFor(() => expect(path.accepted()).toBeGreaterThan(before), recovery);
}

async function openPath(port: number): Promise<Path> {
  const target = { host: "127.0.0.1", port };
  const proxies = [await startTcpProxy(target), await startTcpProxy(target)] as const;
  const [first, second] = proxies;
  let way = first;
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    const onward = connect({ host: way.host, port: way.port });
    for (const each of [socket, onward]) sockets.add(each.on("error", () => undefined));
    socket.pipe(onward).pipe(socket);
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  });
  return {
    port: await listen(server),
    first,
    accepted: () => accepted,
    redirect: () => void (way = second),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      for (const proxy of proxies) await proxy.close();
    },
  };
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
