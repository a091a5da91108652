import { resolve } from "node:path";
import { admin, applyGrants, controller, credentialsOf, users, type KafkaUser } from "./access.ts";
import { plainServerSettings, scramServerSettings, type Credentials } from "./connect.ts";
import { startKafka, type KafkaOptions, type RunningKafka } from "./start.ts";

type Security = Pick<KafkaOptions, "listeners" | "controller" | "scramUsers" | "settings">;

export type SecuredKafka = RunningKafka & {
  /** What one of its users logs in with, by SCRAM-SHA-512. */
  credentials(user: KafkaUser): Promise<Credentials>;
};

// A connection that is open outlives a changed or deleted credential up to this long.
const reauthenticateMs = 5 * 60_000;

/**
 * Kafka as production has it: SASL/SCRAM-SHA-512, an authorizer that denies by default, and the grants of
 * `grants`. Its users are made with its data, so the folder must not be one of a Kafka without them.
 */
export const startSecuredKafka = async (
  options: Omit<KafkaOptions, keyof Security>,
): Promise<SecuredKafka> => {
  const folder = resolve(options.folder);
  const part = await startKafka({ ...options, ...(await security(folder)) });
  await applyGrants(part.brokers.join(), folder).catch(async (error: unknown) => {
    await part.stop();
    throw error;
  });
  return Object.assign(part, { credentials: (user: KafkaUser) => credentialsOf(folder, user) });
};

const security = async (folder: string): Promise<Security> => {
  const all = await Promise.all(users.map((name) => credentialsOf(folder, name)));
  const broker = await credentialsOf(folder, admin);
  return {
    scramUsers: all.map(({ username, password }) => ({ name: username, password })),
    listeners: [
      { name: "CLIENT", protocol: "SASL_PLAINTEXT", settings: scramServerSettings(broker) },
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
