import { createRequire } from "node:module";
import { assert } from "@rekey/domain";
import type { Kafka } from "kafkajs";

/** What may be done with one topic or group; undefined where the brokers do not tell it now. */
export interface Granted {
  readonly name: string;
  readonly read: boolean | undefined;
  readonly write: boolean | undefined;
}

// What kafkajs 2.2.4 has in src/cluster, src/broker and src/protocol; it has no types of its own.
interface Encoder {
  writeArray(texts: readonly string[]): Encoder;
  writeBoolean(value: boolean): Encoder;
}
interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readBytes(): Buffer | null;
  readBoolean(): boolean;
  readArray<One>(read: (decoder: Decoder) => One): One[];
}
interface Question<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<Encoder>;
  };
  readonly response: {
    readonly decode: (raw: Buffer) => Promise<Answer>;
    readonly parse: (answer: Answer) => Promise<Answer>;
  };
}
interface Broker {
  readonly connectionPool: { send<Answer>(question: Question<Answer>): Promise<Answer> };
  findGroupCoordinator(group: { groupId: string; coordinatorType: number }): Promise<{
    readonly coordinator: { readonly nodeId: number };
  }>;
}
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Broker>;
  findBroker(node: { readonly nodeId: number }): Promise<Broker>;
}

const require = createRequire(import.meta.url);

/** A cluster with connections of its own; whoever opened the client ends its sockets. */
export const clusterOf = async (kafka: Kafka): Promise<Cluster> => {
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  assert(key !== undefined, "kafkajs makes its clusters as version 2.2.4 does");
  const inner = kafka as unknown as Readonly<
    Record<
      symbol,
      (options: { allowAutoTopicCreation: boolean; metadataMaxAge: number }) => Cluster
    >
  >;
  const cluster = inner[key]?.({ allowAutoTopicCreation: false, metadataMaxAge: metadataAgeMs });
  assert(cluster !== undefined, "kafkajs makes its clusters as version 2.2.4 does");
  await cluster.connect();
  await cluster.refreshMetadata();
  return cluster;
};

const metadataAgeMs = 60_000;

// https://kafka.apache.org/protocol#protocol_error_codes
const none = 0;
const topicDenied = 29;
const groupDenied = "GROUP_AUTHORIZATION_FAILED";
// Bits of `authorized operations`, by AclOperation: https://kafka.apache.org/protocol (KIP-430)
const readBit = 1 << 3;
const writeBit = 1 << 4;

interface Told {
  readonly errorCode: number;
  readonly name: string;
  readonly operations: number;
}

/** Of every topic, by one request: what this login may do, as the brokers' own authorizer says. */
export const grantedTopics = async (
  cluster: Cluster,
  topics: readonly string[],
): Promise<readonly Granted[]> => {
  const broker = await cluster.findControllerBroker();
  const told = await broker.connectionPool.send(topicsQuestion(topics));
  return topics.map((name) => {
    const one = told.find((topic) => topic.name === name);
    if (one?.errorCode === topicDenied) return { name, read: false, write: false };
    return { name, ...rightsOf(one) };
  });
};

/** Of one group. A coordinator that is not there yet, as before the first start, tells nothing. */
export const grantedGroup = async (cluster: Cluster, name: string): Promise<Granted> => {
  try {
    const asked = await cluster.findControllerBroker();
    const group = { groupId: name, coordinatorType: 0 };
    const { coordinator } = await asked.findGroupCoordinator(group);
    const broker = await cluster.findBroker(coordinator);
    const [told] = await broker.connectionPool.send(groupQuestion(name));
    return { name, ...rightsOf(told) };
  } catch (error) {
    const type = (error as { readonly type?: unknown } | null)?.type;
    if (typeof type !== "string") throw error;
    return { name, read: type === groupDenied ? false : undefined, write: undefined };
  }
};

const rightsOf = (told: Told | undefined): Pick<Granted, "read" | "write"> =>
  told?.errorCode === none
    ? { read: (told.operations & readBit) !== 0, write: (told.operations & writeBit) !== 0 }
    : { read: undefined, write: undefined };

const newEncoder = (): Encoder =>
  new (require("kafkajs/src/protocol/encoder.js") as new () => Encoder)();
const newDecoder = (raw: Buffer): Decoder =>
  new (require("kafkajs/src/protocol/decoder.js") as new (raw: Buffer) => Decoder)(raw);

/** Version 8 is the first that tells operations, and the last that is written as those kafkajs has. */
const topicsQuestion = (topics: readonly string[]): Question<readonly Told[]> => ({
  request: {
    apiKey: 3,
    apiVersion: 8,
    apiName: "Metadata",
    // No topic is made by asking; operations of the cluster are not asked for, those of topics are.
    encode: async () =>
      newEncoder().writeArray(topics).writeBoolean(false).writeBoolean(false).writeBoolean(true),
  },
  response: { decode: async (raw) => readTopics(newDecoder(raw)), parse: async (told) => told },
});

const readTopics = (decoder: Decoder): readonly Told[] => {
  decoder.readInt32();
  decoder.readArray((broker) => {
    broker.readInt32();
    broker.readString();
    broker.readInt32();
    broker.readString();
  });
  decoder.readString();
  decoder.readInt32();
  return decoder.readArray((topic) => {
    const errorCode = topic.readInt16();
    const name = topic.readString() ?? "";
    topic.readBoolean();
    topic.readArray(readPartition);
    return { errorCode, name, operations: topic.readInt32() };
  });
};

/** Error, index, leader and its epoch; copies, those in sync, those that are offline. */
const readPartition = (partition: Decoder): void => {
  partition.readInt16();
  for (let field = 0; field < 3; field += 1) partition.readInt32();
  for (let list = 0; list < 3; list += 1) partition.readArray((node) => node.readInt32());
};

/** Version 3 is the first that tells operations. */
const groupQuestion = (group: string): Question<readonly Told[]> => ({
  request: {
    apiKey: 15,
    apiVersion: 3,
    apiName: "DescribeGroups",
    encode: async () => newEncoder().writeArray([group]).writeBoolean(true),
  },
  response: { decode: async (raw) => readGroups(newDecoder(raw)), parse: async (told) => told },
});

const readGroups = (decoder: Decoder): readonly Told[] => {
  decoder.readInt32();
  return decoder.readArray((group) => {
    const errorCode = group.readInt16();
    const name = group.readString() ?? "";
    // State, kind of protocol, protocol.
    for (let field = 0; field < 3; field += 1) group.readString();
    group.readArray((member) => {
      for (let field = 0; field < 3; field += 1) member.readString();
      member.readBytes();
      member.readBytes();
    });
    return { errorCode, name, operations: group.readInt32() };
  });
};
