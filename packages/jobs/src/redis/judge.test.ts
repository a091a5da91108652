import { expect, test } from "vitest";
import { factsOf } from "./facts.ts";
import { judgeRedis } from "./judge.ts";

const info = [
  "# Server",
  "redis_version:7.0.15",
  "role:master",
  "cluster_enabled:0",
  "maxmemory_policy:noeviction",
  "used_memory:900000",
  "maxmemory:2000000",
  "aof_enabled:1",
  "",
].join("\r\n");
const said = factsOf(info, ["appendfsync", "everysec"]);

const failing = (facts: object): readonly string[] =>
  judgeRedis({ ...said, ...facts })
    .filter(({ ok, next }) => !ok && next !== undefined)
    .map(({ name }) => name);

test("a server as it should be has nothing to change", () => {
  expect(judgeRedis(said).map(({ found }) => found)).toEqual([
    "7.0.15",
    "primary",
    "noeviction",
    "1 MiB of 2 MiB",
    "appendonly yes, appendfsync everysec",
  ]);
  expect(failing({})).toEqual([]);
  expect(failing({ bytesMax: 0 })).toEqual([]);
  // A managed Redis hides CONFIG.
  expect(failing(factsOf(info))).toEqual([]);
});

test.each([
  ["redis version", { version: "6.2.14" }],
  ["redis place", { role: "slave" }],
  ["redis place", { cluster: true }],
  ["redis eviction", { evictionPolicy: "allkeys-lru" }],
  ["redis memory", { usedBytes: 1_700_000 }],
  ["redis append-only file", { appendOnly: false }],
  ["redis append-only file", { fsync: "no" }],
])("%s is not as it should be with %o", (name, facts) => {
  expect(failing(facts)).toEqual([name]);
});

test("what a server does not tell is not taken for good", () => {
  const names = judgeRedis({}).filter(({ ok }) => ok);
  expect(names).toEqual([]);
});
