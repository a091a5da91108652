import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import kafkajs from "kafkajs";
import type { Admin } from "kafkajs";
import { createAdminAccess } from "./admin.ts";
import type { KafkaConnection } from "./connect.ts";
import { describe, entriesOf, findTopics } from "./find-topics.ts";
import { planTopics } from "./plan-topics.ts";
import type { TopicDifference, TopicsPlan } from "./plan-topics.ts";
import type { WantedTopic } from "./wanted-topics.ts";

const applyMs = 60_000;
const createMs = 20_000;
const lookMs = 100;

export interface ApplyTopicsOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly wanted: readonly WantedTopic[];
  /** Only looks: the answer is what would be done. */
  readonly check: boolean;
}

/**
 * Creates what is missing and raises settings; the answer is the plan it followed. Safe to repeat.
 * Rejects with a Fault: ACL_DENIED, SETTING_REFUSED (more replicas than brokers), ….
 */
export async function applyTopics(options: ApplyTopicsOptions): Promise<TopicsPlan> {
  const { connection, clock, wanted, check } = options;
  const access = createAdminAccess(connection, clock);
  try {
    return await access.ask(applyMs, async (admin) => {
      const there = await findTopics(
        admin,
        wanted.map(({ name }) => name),
      );
      const { brokers } = await admin.describeCluster();
      const plan = planTopics(wanted, there, brokers.length);
      if (!check) await follow(admin, plan, clock);
      return plan;
    });
  } finally {
    await access.close();
  }
}

async function follow(admin: Admin, { create, change }: TopicsPlan, clock: Clock): Promise<void> {
  if (create.length > 0) {
    const topics = create.map(({ name, partitions, replicas, settings }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: written(settings),
    }));
    await admin.createTopics({ topics, timeout: createMs, waitForLeaders: false });
    await waitForTopics(admin, create, clock);
  }
  const names = [...new Set(change.map(({ topic }) => topic))];
  if (names.length > 0) await raise(admin, names, change);
}

/** A controller makes topics, the brokers hear of it a moment later; kafkajs takes that for a failure. */
async function waitForTopics(
  admin: Admin,
  wanted: readonly WantedTopic[],
  clock: Clock,
): Promise<void> {
  const untilMs = clock.monotonicMs() + createMs;
  for (;;) {
    const there = new Set(await admin.listTopics());
    if (wanted.every(({ name }) => there.has(name))) return;
    if (clock.monotonicMs() > untilMs) {
      throw new Fault("TOPICS_UNREACHABLE", { providerCode: "TOPICS_NOT_SEEN" });
    }
    await clock.sleep(lookMs);
  }
}

/** kafkajs knows only the request that replaces all of a topic's own settings: the others go along. */
async function raise(
  admin: Admin,
  names: readonly string[],
  change: readonly TopicDifference[],
): Promise<void> {
  const { resources } = await describe(admin, names);
  const changed = names.map((name) => {
    const own = entriesOf(resources, name).filter(
      ({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG,
    );
    const kept = own.map(({ configName, configValue }) => [configName, configValue]);
    const raised = change
      .filter(({ topic }) => topic === name)
      .map(({ what, wanted }) => [what, wanted]);
    const configEntries = written(Object.fromEntries([...kept, ...raised]));
    return { type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries };
  });
  await admin.alterConfigs({ validateOnly: false, resources: changed });
}

const written = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).map(([name, value]) => ({ name, value }));
