import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@rekey/runtime";
import { startSecuredKafka, type SecuredKafka } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import kafkajs, { type Admin } from "kafkajs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openClient, type KafkaConnection } from "./connect.ts";
import { rightsJudgements } from "./judge-rights.ts";
import { openKafkaTopics } from "./open.ts";
import { createTopics } from "./world.suite.ts";

const moved = "rekey.in.moved";
const audit = "rekey.audit.v1";
const reads = ["rekey.in.api", "rekey.in.scanner", moved];
const writes = [audit, "rekey.announcements.v1"];
const use = { reads, writes, group: "rekey-intake" };
const soon = { timeout: 60_000, interval: 200 };
const everybody = { host: "*", principal: "User:rekey" };

let folder: string;
let kafka: SecuredKafka;
let admin: Admin;
let connection: KafkaConnection;

describeStack(["kafka"], "rights at brokers with the access lists of production", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rekey-rights-"));
    kafka = await startSecuredKafka({ folder });
    connection = await connectionOf("rekey");
    const { kafka: client } = await openClient(await connectionOf("admin"), { requestMs: 10_000 });
    admin = client.admin();
    await admin.connect();
    await createTopics(
      admin,
      [...reads, ...writes].map((topic) => ({ topic, numPartitions: 1 })),
    );
  });
  afterAll(async () => {
    await admin?.disconnect();
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("with what the page grants nothing is missing", async () => {
    await judgedToBe({ ok: true, found: "3 topics may be read, 2 written" });
  });

  test("a right to read that is taken away is missed, where asking for the topic is still allowed", async () => {
    const { DENY } = kafkajs.AclPermissionTypes;
    await admin.createAcls({ acl: [{ ...topicRule(moved), ...reading, permissionType: DENY }] });
    await judgedToBe({ ok: false, found: denied(`Read of topic ${moved}`) });
    const log = openKafkaTopics({ ...connection, clock: systemClock, topics: [moved] });
    await log.source.check();
    await log.close();
  });

  test("so are rights to write, and those of the group, each with the rule that gives it", async () => {
    const filter = { permissionType: kafkajs.AclPermissionTypes.ALLOW };
    await admin.deleteAcls({ filters: [{ ...topicRule(audit), ...writing, ...filter }] });
    await judgedToBe({
      found: denied(`Read of topic ${moved}; Write of topic ${audit}`),
      next: expect.stringContaining(
        `--add --allow-principal User:rekey --operation Write --topic ${audit}`,
      ),
    });
    await admin.deleteAcls({ filters: [groupRules] });
    await judgedToBe({
      found: expect.stringMatching(/; Read of group rekey-intake\.rekey\.in\.api/),
    });
  });
});

const topicRule = (resourceName: string) => ({
  ...everybody,
  resourceName,
  resourceType: kafkajs.AclResourceTypes.TOPIC,
  resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
});
const reading = { operation: kafkajs.AclOperationTypes.READ };
const writing = { operation: kafkajs.AclOperationTypes.WRITE };
const groupRules = {
  ...everybody,
  resourceName: "rekey",
  resourceType: kafkajs.AclResourceTypes.GROUP,
  resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED,
  operation: kafkajs.AclOperationTypes.ANY,
  permissionType: kafkajs.AclPermissionTypes.ALLOW,
};

const denied = (what: string): string => `TOPIC_REJECTED (ACL_DENIED): without ${what}`;

/** Brokers take up a rule a moment after it was answered. */
const judgedToBe = async (wanted: object): Promise<void> =>
  await vi.waitFor(async () => {
    const judged = await rightsJudgements({ connection, clock: systemClock, use });
    expect(judged).toEqual([expect.objectContaining(wanted)]);
  }, soon);

const connectionOf = async (user: "rekey" | "admin"): Promise<KafkaConnection> => {
  const { username, password } = await kafka.credentials(user);
  return {
    brokers: kafka.brokers,
    clientId: "rekey-test",
    sasl: {
      mechanism: "scram-sha-512",
      username,
      password: { read: async () => password, invalidate: () => undefined },
    },
    log: silentLog,
  };
};
