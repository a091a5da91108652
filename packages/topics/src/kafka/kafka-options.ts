import { duration, secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";

const address = z
  .string()
  .regex(/^[^\s:/]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$/, "must be host:port");
const brokersMax = 32;
const partitionsMax = 1_000;
const replicasMax = 9;
const file = z.string().min(1);
const optional = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  schema.exactOptional().meta({ description });

const tls = z.strictObject({
  caFile: optional(
    file,
    "PEM file of the authorities that sign the brokers' certificates; the system's by default",
  ),
  certificateFile: optional(file, "PEM file of our own certificate, where brokers ask for one"),
  key: optional(secretReference(), "its key, PEM"),
  serverName: optional(
    z.string().min(1),
    "the name in the brokers' certificates where it is not the one they are reached by",
  ),
});

const password = (mechanism: "plain" | "scram-sha-256" | "scram-sha-512") =>
  z.strictObject({
    mechanism: z.literal(mechanism),
    username: z.string().min(1),
    password: secretReference(),
  });

/** OAUTHBEARER by the client credentials grant; whoever opens the log fetches the tokens. */
const bearer = z.strictObject({
  mechanism: z.literal("oauthbearer"),
  tokenUrl: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  clientSecret: secretReference(),
  scope: z.string().min(1).exactOptional(),
});

const topics = z
  .strictObject({
    partitions: withDefault(z.int().min(1).max(partitionsMax), {
      default: 12,
      description: "partitions of each topic that is made",
      reason:
        "as many processes can share a topic; it cannot be changed without breaking the order per key",
    }),
    replicas: withDefault(z.int().min(1).max(replicasMax), {
      default: 3,
      description: "copies of each record; at most the number of brokers",
      reason: "one broker may be lost while another is being restarted",
    }),
    insyncReplicasMin: withDefault(z.int().min(1).max(replicasMax), {
      default: 2,
      description: "copies that have a record before it counts as appended",
      reason: "an audit event that was acknowledged outlives a broker",
    }),
    incomingRetentionMs: withDefault(duration({ min: "1 h" }), {
      default: "7 d",
      description: "how long signals are kept",
      reason: "an outage over a long weekend loses nothing",
    }),
    quarantineRetentionMs: withDefault(duration({ min: "1 h" }), {
      default: "30 d",
      description: "how long notes of quarantined records are kept",
      reason: "time to mend a producer and to replay",
    }),
    auditRetentionMs: optional(
      duration({ min: "1 d" }),
      "how long audit events are kept on the topic; for ever by default",
    ),
  })
  .prefault({});

/** The section `kafka` of a configuration file. */
export const kafkaOptions = z.strictObject({
  brokers: z
    .array(address)
    .min(1)
    .max(brokersMax)
    .meta({ description: "host:port of some brokers; the others are learnt from them" }),
  clientId: withDefault(z.string().regex(/^[A-Za-z0-9._-]{1,100}$/), {
    default: "rekey",
    description: "the name that brokers show and bind quotas to",
    reason: "one name for all, unless quotas differ",
  }),
  tls: optional(tls, "TLS to the brokers; absent: none"),
  sasl: optional(
    z.discriminatedUnion("mechanism", [
      password("plain"),
      password("scram-sha-256"),
      password("scram-sha-512"),
      bearer,
    ]),
    "how we log in; absent: not at all",
  ),
  topics,
});

export type KafkaSettings = z.output<typeof kafkaOptions>;
