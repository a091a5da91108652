import { duration, secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";

const broker = z
  .string()
  .regex(/^[^\s:/]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i, "must be host:port");

const tls = z
  .strictObject({
    caFile: z.string().min(1).exactOptional().meta({
      description:
        "PEM file of the authorities that sign the brokers' certificates; the system's by default",
    }),
    certificateFile: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: "PEM file of Rekey's own certificate, where brokers ask for one" }),
    key: secretReference().exactOptional().meta({ description: "the key of certificateFile, PEM" }),
    serverName: z.string().min(1).exactOptional().meta({
      description:
        "the name in the brokers' certificates, where it is not the one they are reached by",
    }),
  })
  .refine(({ certificateFile, key }) => (certificateFile === undefined) === (key === undefined), {
    error: "certificateFile and key belong together",
  });

const passwordShape = { username: z.string().min(1), password: secretReference() };

const grant = z.strictObject({
  url: z.url({ protocol: /^https$/ }).meta({ description: "the token endpoint" }),
  clientId: z.string().min(1),
  clientSecret: secretReference(),
  scope: z.string().min(1).exactOptional(),
});

const bearer = z
  .strictObject({
    mechanism: z.literal("oauthbearer"),
    token: secretReference().exactOptional().meta({
      description: "a bearer token that something else keeps fresh, read for each authentication",
    }),
    grant: grant.exactOptional().meta({
      description: "asks for tokens itself, by the client credentials grant; this or token",
    }),
  })
  .refine(({ token, grant: asked }) => (token === undefined) !== (asked === undefined), {
    error: "needs one of token and grant",
  });

const sasl = z.discriminatedUnion("mechanism", [
  z.strictObject({ mechanism: z.literal("scram-sha-512"), ...passwordShape }),
  z.strictObject({ mechanism: z.literal("scram-sha-256"), ...passwordShape }),
  z.strictObject({ mechanism: z.literal("plain"), ...passwordShape }),
  bearer,
]);

/** Kafka, as the services reach it. */
export const kafkaSection = z
  .strictObject({
    brokers: z
      .array(broker)
      .min(1)
      .max(32)
      .meta({ description: "host:port of some brokers; the others are learnt from them" }),
    clientId: withDefault(z.string().min(1).max(128), {
      default: "rekey",
      description: "how brokers name these connections; the process kind is added",
      reason: "quotas and logs go by it",
    }),
    tls: tls
      .exactOptional()
      .meta({ description: "TLS to the brokers; without it the connection is plain" }),
    sasl: sasl.exactOptional().meta({ description: "who Rekey is there" }),
    replicationFactor: withDefault(z.int().min(1).max(7), {
      default: 3,
      description: "copies of each partition that `rekey topics apply` makes",
      reason: "one broker may be lost while another is restarted",
    }),
    minInSyncReplicas: withDefault(z.int().min(1).max(7), {
      default: 2,
      description: "copies that have to have a record before it counts",
      reason: "what was acknowledged outlives one broker",
    }),
    partitions: withDefault(z.int().min(1).max(1_000), {
      default: 12,
      description: "partitions of each topic that `rekey topics apply` makes",
      reason: "as many readers can share a topic; it cannot be changed later without moving keys",
    }),
    auditRetention: withDefault(duration({ min: "1 h" }), {
      default: "3650 d",
      description: "how long audit events stay on their topic",
      reason: "auditors ask years later; the ledger keeps them too",
    }),
  })
  .refine((section) => section.minInSyncReplicas <= section.replicationFactor, {
    path: ["minInSyncReplicas"],
    error: "must be at most replicationFactor",
  })
  .meta({ description: "Kafka for signals, audit events and announcements" });

export type KafkaSection = z.output<typeof kafkaSection>;
