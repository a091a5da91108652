import { join } from "node:path";
import { producerTopic, topicNames } from "@rekey/contracts";
import kafkajs, { type AclEntry } from "kafkajs";
import { keptPassword } from "../postgres/connect.ts";
import {
  plainServerSettings,
  scramServerSettings,
  type Credentials,
  type ScramUser,
} from "./connect.ts";
import { kafkaClient } from "./describe-cluster.ts";
import type { KafkaOptions } from "./start.ts";

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
const admin = "admin";
const controller = "controller";

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

/** Who may do what. Only `admin` makes topics and grants; who is not named may do nothing. */
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

/** A user's password is made once and stands in a file of its own, which only this user may read. */
export const passwordFile = (folder: string, name: string): string =>
  join(folder, "credentials", name);

const credentialsOf = async (folder: string, username: string): Promise<Credentials> => ({
  username,
  password: await keptPassword(passwordFile(folder, username)),
});

export const adminCredentials = (folder: string): Promise<Credentials> =>
  credentialsOf(folder, admin);

// A connection that is open outlives a changed or deleted credential up to this long.
const reauthenticateMs = 5 * 60_000;

/** What `startKafka` needs for SASL/SCRAM-SHA-512 on its listener, and for an authorizer that denies by default. */
export const secured = async (
  folder: string,
): Promise<Pick<KafkaOptions, "listeners" | "controller" | "scramUsers" | "settings">> => {
  const all = await Promise.all(users.map((name) => credentialsOf(folder, name)));
  const scramUsers: ScramUser[] = all.map(({ username, password }) => ({
    name: username,
    password,
  }));
  return {
    scramUsers,
    listeners: [
      {
        name: "CLIENT",
        protocol: "SASL_PLAINTEXT",
        settings: scramServerSettings(await adminCredentials(folder)),
      },
    ],
    controller: {
      protocol: "SASL_PLAINTEXT",
      settings: plainServerSettings(await credentialsOf(folder, controller)),
    },
    settings: {
      "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
      "sasl.mechanism.controller.protocol": "PLAIN",
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "allow.everyone.if.no.acl.found": "false",
      "super.users": `User:${admin};User:${controller}`,
      "connections.max.reauth.ms": String(reauthenticateMs),
    },
  };
};

/** Safe to repeat: what is granted already stays. */
export const applyGrants = async (broker: string, folder: string): Promise<void> => {
  const client = kafkaClient(broker, await adminCredentials(folder)).admin();
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
