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

const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

const isSafeUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && loopback.test(hostname));
};

/** OAUTHBEARER: by a token that something else keeps fresh, or by the client credentials grant. */
const bearer = z
  .strictObject({
    mechanism: z.literal("oauthbearer"),
    token: optional(
      secretReference(),
      "a token that something else keeps fresh, read at each login; instead of the grant below",
    ),
    tokenUrl: optional(
      z.string().refine(isSafeUrl, "must be https://, or http:// on a loopback address"),
      "where tokens are asked for by the client credentials grant",
    ),
    clientId: optional(z.string().min(1), "who asks"),
    clientSecret: optional(secretReference(), "its secret"),
    scope: optional(z.string().min(1), "what the token is asked for"),
    resource: optional(
      z.string().refine((text) => URL.canParse(text), "must be an absolute URI"),
      "whom the token is asked for, where the token endpoint wants to be told (RFC 8707)",
    ),
  })
  .check(({ value, issues }) => {
    for (const [path, message] of bearerProblems(value)) {
      issues.push({ code: "custom", input: value, path: [path], message });
    }
  });

const grantSettings = ["tokenUrl", "clientId", "clientSecret"] as const;

const grantExtras = ["scope", "resource"] as const;

type Bearer = Readonly<
  Partial<Record<(typeof grantSettings | typeof grantExtras)[number] | "token", unknown>>
>;

const bearerProblems = (value: Bearer): readonly (readonly [string, string])[] => {
  const given = [...grantSettings, ...grantExtras].filter((name) => value[name] !== undefined);
  if (value.token !== undefined)
    return given.map((name) => [name, "must not stand beside token: it is one or the other"]);
  if (given.length === 0)
    return [["token", "is missing, and so are tokenUrl, clientId and clientSecret: one of both"]];
  return grantSettings
    .filter((name) => value[name] === undefined)
    .map((name) => [name, "is missing: the grant needs tokenUrl, clientId and clientSecret"]);
};

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

const readable: ReadonlySet<string> = new Set(["plain", "oauthbearer"]);

/** SCRAM proves a password without telling it; these two send what logs in as it is. */
const needsTls = ({ brokers, sasl }: { brokers: readonly string[]; sasl?: Login }): boolean =>
  sasl !== undefined &&
  readable.has(sasl.mechanism) &&
  !brokers.every((broker) => loopback.test(broker.replace(/:\d+$/, "")));

interface Login {
  readonly mechanism: string;
}

/** The section `kafka` of a configuration file. */
export const kafkaOptions = z
  .strictObject({
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
  })
  .check(({ value, issues }) => {
    if (value.tls !== undefined || !needsTls(value)) return;
    const message = `is missing: sasl ${value.sasl?.mechanism} sends what logs in as it is; only brokers on loopback addresses may be without`;
    issues.push({ code: "custom", input: value, path: ["tls"], message });
  });

export type KafkaSettings = z.output<typeof kafkaOptions>;
