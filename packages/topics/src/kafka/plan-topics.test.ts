import { expect, test } from "vitest";
import { planTopics } from "./plan-topics.ts";
import { wantedTopics } from "./wanted-topics.ts";
import type { TopicsWish, WantedTopic } from "./wanted-topics.ts";

const dayMs = 86_400_000;
const wish: TopicsWish = {
  incoming: ["rekey.in.scanner", "rekey.in.api"],
  partitions: 12,
  replicas: 3,
  insyncReplicasMin: 2,
  incomingRetentionMs: 7 * dayMs,
  quarantineRetentionMs: 30 * dayMs,
  auditRetentionMs: -1,
};
const topic = (settings: Record<string, string>, more: Partial<WantedTopic> = {}): WantedTopic => ({
  name: "t",
  partitions: 12,
  replicas: 3,
  settings,
  ...more,
});

test("an installation has each producer's topic once, and the ones that are Rekey's own", () => {
  const wanted = wantedTopics(wish);
  expect(wanted.map(({ name }) => name)).toEqual([
    "rekey.announcements.v1",
    "rekey.audit.v1",
    "rekey.in.api",
    "rekey.in.moved",
    "rekey.in.scanner",
    "rekey.quarantine.v1",
  ]);
  const settings = Object.fromEntries(wanted.map(({ name, settings: own }) => [name, own]));
  expect(settings["rekey.announcements.v1"]).toMatchObject({ "cleanup.policy": "compact" });
  expect(settings["rekey.audit.v1"]).toMatchObject({
    "cleanup.policy": "delete",
    "retention.ms": "-1",
  });
  expect(settings["rekey.in.scanner"]).toMatchObject({ "retention.ms": String(7 * dayMs) });
  const withTime = wanted.filter(({ settings: own }) => "message.timestamp.type" in own);
  expect(withTime.map(({ name }) => name)).toEqual(["rekey.in.moved"]);
  expect(settings["rekey.in.moved"]).toMatchObject({
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "retention.ms": String(7 * dayMs),
  });
  expect(wanted.every(({ settings: own }) => own["min.insync.replicas"] === "2")).toBe(true);
});

test("what is missing is made, and what is there as wanted is left alone", () => {
  const wanted = wantedTopics(wish);
  const [first, ...others] = wanted;
  expect(planTopics(wanted, others, 3)).toEqual({
    create: [first],
    change: [],
    leave: [],
    weak: [],
  });
  expect(planTopics(wanted, wanted, 3)).toEqual({ create: [], change: [], leave: [], weak: [] });
});

test.each([
  { what: "retention.ms", found: "1000", wanted: "2000" },
  { what: "retention.ms", found: "1000", wanted: "-1" },
  { what: "max.message.bytes", found: "1048588", wanted: "1179648" },
  { what: "min.insync.replicas", found: "1", wanted: "2" },
  { what: "message.timestamp.type", found: "CreateTime", wanted: "LogAppendTime" },
])("$what from $found to $wanted is raised", ({ what, found, wanted }) => {
  const plan = planTopics([topic({ [what]: wanted })], [topic({ [what]: found })], 1);
  expect(plan).toMatchObject({
    create: [],
    change: [{ topic: "t", what, found, wanted }],
    leave: [],
  });
});

test.each([
  { what: "retention.ms", found: "2000", wanted: "1000" },
  { what: "retention.ms", found: "-1", wanted: "1000" },
  { what: "max.message.bytes", found: "2097152", wanted: "1179648" },
  { what: "min.insync.replicas", found: "2", wanted: "1" },
  { what: "min.insync.replicas", found: "1", wanted: "4" },
  { what: "cleanup.policy", found: "delete", wanted: "compact" },
  { what: "cleanup.policy", found: "compact", wanted: "delete" },
  { what: "message.timestamp.type", found: "LogAppendTime", wanted: "CreateTime" },
])("$what from $found to $wanted is left to a person", ({ what, found, wanted }) => {
  const plan = planTopics([topic({ [what]: wanted })], [topic({ [what]: found })], 1);
  expect(plan).toMatchObject({
    create: [],
    change: [],
    leave: [{ topic: "t", what, found, wanted }],
  });
});

test("another number of partitions or copies is for a person", () => {
  const found = topic({}, { partitions: 6, replicas: 1 });
  expect(planTopics([topic({})], [found], 1)).toEqual({
    create: [],
    change: [],
    leave: [
      { topic: "t", what: "partitions", found: "6", wanted: "12" },
      { topic: "t", what: "replicas", found: "1", wanted: "3" },
    ],
    weak: [],
  });
});

test("copies are judged as they will be: what is made, what is raised and what is left", () => {
  const insync = (count: number): Record<string, string> => ({
    "min.insync.replicas": String(count),
  });
  const wanted = [
    topic(insync(2), { name: "made", replicas: 2 }),
    topic(insync(2), { name: "raised" }),
    topic(insync(2), { name: "left" }),
  ];
  const found = [
    topic(insync(1), { name: "raised" }),
    topic(insync(1), { name: "left", replicas: 1 }),
  ];
  const { weak } = planTopics(wanted, found, 3);
  expect(weak.map(({ topic: name, found: said }) => `${name}: ${said}`)).toEqual([
    "made: 2 copies on 3 brokers",
    "made: 2 copies, min.insync.replicas 2: one broker away stops writes",
    "left: 1 copy on 3 brokers",
  ]);
});
