import { silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { soon } from "../suite/world.suite.ts";
import { applyTopics } from "./apply-topics.ts";
import type { TopicsPlan } from "./plan-topics.ts";
import { wantedTopics } from "./wanted-topics.ts";
import type { TopicsWish } from "./wanted-topics.ts";
import { kafkaWorld } from "./world.suite.ts";
import type { KafkaWorld } from "./world.suite.ts";

const hourMs = 3_600_000;
const wish: TopicsWish = {
  incoming: ["rekey.in.scanner"],
  partitions: 3,
  replicas: 1,
  insyncReplicasMin: 1,
  incomingRetentionMs: 24 * hourMs,
  quarantineRetentionMs: 48 * hourMs,
  auditRetentionMs: -1,
};
const nothing: TopicsPlan = { create: [], change: [], leave: [], weak: [] };
let world: KafkaWorld;

const apply = async (more: Partial<TopicsWish>, check = false): Promise<TopicsPlan> =>
  await applyTopics({
    connection: { brokers: world.kafka.brokers, clientId: "rekey-test", log: silentLog },
    clock: systemClock,
    wanted: wantedTopics({ ...wish, ...more }),
    check,
  });
const settingOf = async (name: string, setting: string): Promise<string | undefined> => {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name };
  const asked = { includeSynonyms: false, resources: [resource] };
  const { resources } = await world.admin.describeConfigs(asked);
  return resources[0]?.configEntries.find(({ configName }) => configName === setting)?.configValue;
};

describeStack(["kafka"], "topics of an installation", () => {
  beforeAll(async () => {
    world = await kafkaWorld();
  });
  afterAll(() => world.end());

  test("they are made once, as formats ask; looking changes nothing and repeating neither", async () => {
    const looked = await apply({}, true);
    expect(looked.create).toHaveLength(6);
    expect(await world.admin.listTopics()).not.toContain("rekey.in.scanner");
    expect(await apply({})).toEqual(looked);
    expect(await apply({})).toEqual(nothing);
    const { topics } = await world.admin.fetchTopicMetadata({ topics: ["rekey.in.scanner"] });
    expect(topics[0]?.partitions).toHaveLength(3);
    expect(await settingOf("rekey.announcements.v1", "cleanup.policy")).toBe("compact");
    expect(await settingOf("rekey.audit.v1", "retention.ms")).toBe("-1");
    expect(await settingOf("rekey.in.moved", "message.timestamp.type")).toBe("LogAppendTime");
    expect(await settingOf("rekey.in.scanner", "message.timestamp.type")).toBe("CreateTime");
  });

  test("settings are raised and what others set stays; nothing is lowered", settingsAreRaised);

  test("a topic of acknowledgements from before is given the broker's time", brokersTime);

  test("more copies than brokers are refused by code", async () => {
    const refused = { code: "TOPIC_REJECTED", providerCode: "SETTING_REFUSED" };
    const applying = apply({ incoming: ["rekey.in.other"], replicas: 3 });
    await expect(applying).rejects.toMatchObject(refused);
  });
});

const brokersTime = async () => {
  await apply({});
  const name = "rekey.in.moved";
  const what = "message.timestamp.type";
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const configEntries = [
    { name: what, value: "CreateTime" },
    { name: "retention.ms", value: String(96 * hourMs) },
  ];
  await world.admin.alterConfigs({
    validateOnly: false,
    resources: [{ type, name, configEntries }],
  });
  await vi.waitFor(async () => expect(await settingOf(name, what)).toBe("CreateTime"), soon);
  const plan = await apply({});
  const found = { topic: name, what, found: "CreateTime", wanted: "LogAppendTime" };
  expect(plan.change).toContainEqual(found);
  await vi.waitFor(async () => expect(await settingOf(name, what)).toBe("LogAppendTime"), soon);
};

const settingsAreRaised = async () => {
  await apply({});
  const name = "rekey.in.scanner";
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const configEntries = [
    { name: "segment.bytes", value: "1048576" },
    { name: "retention.ms", value: String(24 * hourMs) },
    { name: "max.message.bytes", value: "1500000" },
  ];
  await world.admin.alterConfigs({
    validateOnly: false,
    resources: [{ type, name, configEntries }],
  });
  // A broker hears of it a moment after the controller.
  await vi.waitFor(
    async () => expect(await settingOf(name, "segment.bytes")).toBe("1048576"),
    soon,
  );
  const plan = await apply({ incomingRetentionMs: 96 * hourMs });
  const raised = { what: "retention.ms", found: String(24 * hourMs) };
  const wanted = String(96 * hourMs);
  expect(plan.change).toContainEqual({ topic: name, ...raised, wanted });
  expect(plan.leave.map(({ what }) => what)).toEqual(["max.message.bytes"]);
  await vi.waitFor(async () => expect(await settingOf(name, "retention.ms")).toBe(wanted), soon);
  expect(await settingOf(name, "segment.bytes")).toBe("1048576");
  expect(await settingOf(name, "max.message.bytes")).toBe("1500000");
  const lower = await apply({ incomingRetentionMs: hourMs, partitions: 6 });
  expect(lower.create).toEqual([]);
  expect(lower.change).toEqual([]);
  expect(lower.leave.map(({ what }) => what)).toContain("partitions");
  expect(await settingOf(name, "retention.ms")).toBe(wanted);
};
