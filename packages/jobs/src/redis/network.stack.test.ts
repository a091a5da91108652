import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import { startTcpProxy } from "@rekey/testkit";
import type { TcpProxy } from "@rekey/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { passes } from "../suite/world.suite.ts";
import { openRedisDispatcher } from "./open.ts";
import { arrives, arrivesFrom, callsRefused, recovery, served } from "./serving.suite.ts";
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
    const dispatcher = await openRedisDispatcher({
      connection: fixedSource(`redis://127.0.0.1:${path.port}`),
      log: silentLog,
      clock: systemClock,
      pace: shortPace,
    });
    serving = await served(dispatcher);
  });
  afterEach(async () => {
    await serving.dispatcher.close();
    await path.close();
  });
  afterAll(() => world.end());

  test("half open, then whole again: refused meanwhile, hints arrive within 15 s", async () => {
    path.first.set({ kind: "black-hole" });
    await callsRefused(serving.dispatcher);
    // Longer than a silent connection is kept, and than what replaces it: all of them are half open by then.
    await passes(10_000);
    await callsRefused(serving.dispatcher);
    path.first.set({ kind: "none" });
    await arrives(serving);
  });

  test("open connections that stay dead are given up for new ones: hints arrive within 15 s", async () => {
    const other = await world.open();
    path.first.set({ kind: "black-hole" });
    path.redirect();
    // Idle: nothing but their own looks can tell the servers that they are alone.
    await arrivesFrom(other, serving);
    await arrives(serving);
    await other.close();
  });

  test("connections that are reset over and over delay hints, nothing more", async () => {
    for (let resets = 0; resets < 20; resets += 1) await resetAgain(path);
    await arrives(serving);
  });

  test("closing on a dead path takes less than 3 s and leaves no connection at the server", async () => {
    path.first.set({ kind: "black-hole" });
    const askedAtMs = performance.now();
    await serving.dispatcher.close();
    expect(performance.now() - askedAtMs).toBeLessThan(3_000);
    path.first.reset();
    await expect.poll(() => world.clients()).toEqual([]);
  });
});

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
