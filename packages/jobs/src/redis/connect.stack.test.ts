import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, promisify } from "node:util";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import type { SecretSource } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { freePort } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { leastMs, msOf } from "@rekey/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { linesOf, spawnFixture } from "../suite/child.suite.ts";
import { redisFacts } from "./facts.ts";
import { redisJudgements } from "./judge.ts";
import { openRedisDispatcher } from "./open.ts";
import type { RedisDispatcherOptions } from "./open.ts";
import { arrives, recovery, served } from "./serving.suite.ts";
import { redisWorld, shortPace } from "./world.suite.ts";
import type { RedisWorld } from "./world.suite.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
const start = async (settings: Record<string, string> = {}): Promise<RedisWorld> => {
  const world = await redisWorld(settings);
  ends.push(() => world.end());
  return world;
};
const open = async (options: Partial<RedisDispatcherOptions> & { connection: SecretSource }) => {
  const rest = { log: silentLog, clock: systemClock, pace: shortPace };
  const dispatcher = await openRedisDispatcher({ ...rest, ...options });
  ends.push(() => dispatcher.close());
  return dispatcher;
};

describeStack(["redis"], "a connection to Redis", () => {
  connections();
  logins();
  serversOfOtherKinds();
});

function connections(): void {
  test("a process has one connection for inviting and two per served lane, all of RESP3", async () => {
    const world = await start();
    const dispatcher = await open({ connection: fixedSource(world.redis.url) });
    const named = async (names: readonly string[]): Promise<void> =>
      await vi.waitFor(async () => expect(await world.clients()).toEqual(names), recovery);
    await named(["rekey-jobs-invite"]);
    await dispatcher.serve("urgent", 1, async () => undefined);
    await dispatcher.serve("sweep", 1, async () => undefined);
    const [fetch, invite, wait] = ["fetch", "invite", "wait"].map((role) => `rekey-jobs-${role}`);
    await named([fetch, fetch, invite, wait, wait].flatMap((name) => name ?? []));
    const list = String(await world.admin.client("LIST"));
    expect(list.match(/ name=rekey-\S* .* resp=3/g)).toHaveLength(5);
  });

  test("every key has the tag of one slot, and another prefix shares nothing", async () => {
    const world = await start();
    const connection = fixedSource(world.redis.url);
    const one = await served(await open({ connection }));
    const other = await open({ connection, prefix: "rekey-staging" });
    await other.invite("urgent", { kind: "case", id: "of-another", generation: 1 });
    await other.check();
    await arrives(one);
    expect(one.performed).not.toContain("of-another");
    const strange = (await world.admin.keys("*")).filter(
      (key) => !/^\{rekey-(jobs|staging)\}:/.test(key),
    );
    expect(strange).toEqual([]);
  });

  test.each([
    { until: "performed", replicas: "0" },
    // Its looks for stalled jobs fail, and BullMQ would sleep for 5 s after each.
    { until: "refused", replicas: "1" },
  ])("a process that closed ends by itself once it was $until", async ({ until, replicas }) => {
    const world = await start();
    await world.admin.config("SET", "min-replicas-to-write", replicas);
    const file = new URL("closing.fixture.ts", import.meta.url);
    const endingMs = async (): Promise<number> => {
      const child = spawnFixture(file, { url: world.redis.url, until });
      const exited = once(child, "exit");
      await linesOf(child).first("closed");
      const afterMs = await msOf(() => exited);
      expect(child.exitCode).toBe(0);
      return afterMs;
    };
    expect(await leastMs(1_500, endingMs)).toBeLessThan(1_500);
  });
}

function logins(): void {
  test("a refused login is told by its code, nowhere by its password, and a changed one is found", async () => {
    const world = await start();
    // The rights that the README names.
    const rights = ["~{rekey-jobs}:*", "+@all", "-@dangerous", "+info", "+config|get"];
    await world.admin.call("ACL", ["SETUSER", "rekey", "on", ">right-c4n4ry", ...rights]);
    let password = "wrong-c4n4ry";
    const url = (): Secret =>
      Secret.fromUtf8(world.redis.url.replace("//", `//rekey:${password}@`));
    const connection = { read: async () => url(), invalidate: () => undefined };
    const logged: unknown[] = [];
    const keep = (...parts: unknown[]): void => void logged.push(parts);
    const log = { ...silentLog, debug: keep, warn: keep };
    const dispatcher = await open({ connection, log });
    await dispatcher.serve("urgent", 1, async () => undefined);
    const refused: unknown = await dispatcher.check().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "JOBS_UNREACHABLE", providerCode: "WRONGPASS" });
    const facts = redisFacts({ connection, clock: systemClock });
    await expect(facts).rejects.toMatchObject({ providerCode: "WRONGPASS" });
    expect(inspect([refused, logged], { depth: 20 })).not.toContain("c4n4ry");
    password = "right-c4n4ry";
    await vi.waitFor(() => dispatcher.check(), recovery);
    await arrives(await served(dispatcher));
    expect(await redisFacts({ connection, clock: systemClock })).toMatchObject({
      fsync: "everysec",
    });
    expect(inspect(logged, { depth: 20 })).not.toContain("c4n4ry");
  });

  test("TLS: a server whose certificate nobody vouches for is refused, with its authority it is not", async () => {
    const world = await start();
    const { port, certificate } = await startTls(world);
    const connection = fixedSource(`rediss://127.0.0.1:${port}`);
    const unknown = await open({ connection });
    const refusal = { code: "JOBS_UNREACHABLE", providerCode: "DEPTH_ZERO_SELF_SIGNED_CERT" };
    await expect(unknown.check()).rejects.toMatchObject(refusal);
    const ca = await readFile(certificate, "utf8");
    const named = { ca, serverName: "cache.example.internal" };
    await arrives(await served(await open({ connection, tls: named })));
    const wrong = await open({ connection, tls: { ca, serverName: "other.example.internal" } });
    await expect(wrong.check()).rejects.toMatchObject({
      providerCode: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });
}

/** A second port of the same server, whose certificate only itself vouches for. */
async function startTls({ admin }: RedisWorld) {
  const folder = await mkdtemp(join(tmpdir(), "rekey-jobs-tls-"));
  ends.push(() => rm(folder, { recursive: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=cache", "-addext", "subjectAltName=DNS:cache.example.internal"];
  const self = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const files = ["-nodes", "-keyout", key, "-out", certificate, "-days", "2"];
  await promisify(execFile)("openssl", [...self, ...files, ...subject]);
  const port = await freePort();
  const settings = {
    "tls-cert-file": certificate,
    "tls-key-file": key,
    "tls-ca-cert-file": certificate,
    "tls-auth-clients": "no",
    "tls-port": String(port),
  };
  for (const [name, value] of Object.entries(settings)) await admin.config("SET", name, value);
  return { port, certificate };
}

function serversOfOtherKinds(): void {
  const judge = async (world: RedisWorld) => {
    const connection = fixedSource(world.redis.url);
    return await redisJudgements({ connection, clock: systemClock });
  };
  const failing = async (world: RedisWorld): Promise<readonly string[]> =>
    (await judge(world)).filter(({ ok }) => !ok).map(({ name }) => name);

  test("what doctor says of a server as it should be, of one as it should not, and of none", async () => {
    const world = await start();
    expect(await failing(world)).toEqual([]);
    await world.admin.config("SET", "maxmemory-policy", "allkeys-lru");
    await world.admin.config("SET", "maxmemory", "1");
    await world.admin.config("SET", "appendonly", "no");
    await world.admin.call("REPLICAOF", ["127.0.0.1", "1"]);
    const all = ["place", "eviction", "memory", "append-only file"].map((name) => `redis ${name}`);
    expect(await failing(world)).toEqual(all);
    await vi.waitFor(async () => expect(await world.clients()).toEqual([]), recovery);
    await world.redis.kill();
    const judging = () => msOf(async () => expect(await judge(world)).toEqual([]));
    expect(await leastMs(3_000, judging)).toBeLessThan(3_000);
  });

  test("a cluster of which one node serves every slot takes hints; doctor advises against it", async () => {
    const world = await start({ "cluster-enabled": "yes" });
    await world.admin.call("CLUSTER", ["ADDSLOTSRANGE", "0", "16383"]);
    await vi.waitFor(
      async () =>
        expect(String(await world.admin.call("CLUSTER", ["INFO"]))).toContain("cluster_state:ok"),
      recovery,
    );
    await arrives(await served(await open({ connection: fixedSource(world.redis.url) })));
    expect(await failing(world)).toEqual(["redis place"]);
  });
}
