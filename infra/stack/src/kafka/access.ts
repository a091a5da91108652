import { join } from "node:path";
import { producerTopic, topicNames } from "@rekey/contracts";
import kafkajs, { type AclEntry } from "kafkajs";
import { keptPassword } from "../postgres/connect.ts";
import type { Credentials } from "./connect.ts";
import { kafkaClient } from "./describe-cluster.ts";

interface Grant {
  readonly principal: string;
  readonly kind: "topic" | "group";
  readonly name: string;
  /** All that begin with the name. */
  readonly prefixed: boolean;
  readonly operations: readonly ("read" | "write" | "describe" | "describeConfigs")[];
}

/** Those that write reports and feeds: each has one topic of its own, so a record tells who wrote it. */
export const producers = ["scanner", "directory", "deployments"] as const;
/** A workload that moves to the next version and says so. */
const workload = "payments";
const auditor = "auditor";
/** Super user; only it makes topics and grants. */
export const admin = "admin";
/** What the node calls itself on the controller's listener. */
export const controller = "controller";

const topic = (principal: string, name: string, operations: Grant["operations"]): Grant => ({
  principal,
  kind: "topic",
  name,
  prefixed: false,
  operations,
});

const groups = (principal: string): Grant => ({
  principal,
  kind: "group",
  name: principal,
  prefixed: true,
  operations: ["read", "describe"],
});

/** Who may do what; who is not named may do nothing. */
export const grants: readonly Grant[] = [
  { ...topic("rekey", "rekey.", ["read", "describe", "describeConfigs"]), prefixed: true },
  ...[topicNames.api, topicNames.audit, topicNames.announcements, topicNames.quarantine].map(
    (name) => topic("rekey", name, ["write"]),
  ),
  groups("rekey"),
  ...producers.map((name) => topic(name, producerTopic(name), ["write", "describe"])),
  topic(workload, topicNames.moved, ["write", "describe"]),
  topic(workload, topicNames.announcements, ["read", "describe"]),
  groups(workload),
  topic(auditor, topicNames.audit, ["read", "describe"]),
  groups(auditor),
];

export const users = [admin, "rekey", ...producers, workload, auditor] as const;
export type KafkaUser = (typeof users)[number];

/** Their passwords are made once; each stands in a file of its own, `credentials/<name>`, which only this user may read. */
export const credentialsOf = async (
  folder: string,
  username: KafkaUser | typeof controller,
): Promise<Credentials> => ({
  username,
  password: await keptPassword(join(folder, "credentials", username)),
});

// A broker that has just started may answer that it does not yet know.
const grantRetriesMax = 5;

/** Safe to repeat: what is granted already stays. */
export const applyGrants = async (broker: string, folder: string): Promise<void> => {
  const client = kafkaClient(broker, await credentialsOf(folder, admin), grantRetriesMax).admin();
  try {
    await client.connect();
    await client.createAcls({ acl: grants.flatMap(entriesOf) });
  } finally {
    await client.disconnect();
  }
};

const operationTypes = {
  read: kafkajs.AclOperationTypes.READ,
  write: kafkajs.AclOperationTypes.WRITE,
  describe: kafkajs.AclOperationTypes.DESCRIBE,
  describeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
} as const;

const entriesOf = ({ principal, kind, name, prefixed, operations }: Grant): AclEntry[] =>
  operations.map((operation) => ({
    principal: `User:${principal}`,
    host: "*",
    operation: operationTypes[operation],
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
    resourceType:
      kind === "topic" ? kafkajs.AclResourceTypes.TOPIC : kafkajs.AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: prefixed
      ? kafkajs.ResourcePatternTypes.PREFIXED
      : kafkajs.ResourcePatternTypes.LITERAL,
  }));
