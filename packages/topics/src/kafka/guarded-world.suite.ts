import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { freePort, startKafka } from "@rekey/stack";
import type { KafkaOptions, RunningKafka } from "@rekey/stack";
import { createTestAuthority } from "@rekey/testkit";
import type { TestCertificate } from "@rekey/testkit";
import type { Admin } from "kafkajs";
import { createTopics, openAdmin } from "./world.suite.ts";

/** The topic of a guarded broker. */
export const topic = "guarded";
/** Of its users `rekey`, who may do everything, and `reader`, who may do what a test allows. */
export const password = "correct horse";

export interface GuardedWorld {
  readonly kafka: RunningKafka;
  readonly admin: Admin;
  readonly controller: string;
  readonly certificates: Readonly<Record<"ca" | "client" | "stranger", string>>;
  readonly clientKey: string;
  end(): Promise<void>;
}

/** A broker with listeners of every kind, where nobody may do what no access list allows. */
export async function guardedWorld(): Promise<GuardedWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-kafka-"));
  const controllerPort = await freePort();
  const { certificates, clientKey, broker } = await writeCertificates(folder);
  const kafka = await startKafka({ folder, controllerPort, ...guards(broker) });
  const admin = await openAdmin(kafka.brokers);
  await createTopics(admin, [{ topic, numPartitions: 2 }]);
  const superUser = { principal: "User:rekey", host: "*", permissionType: 3, operation: 2 };
  const everything = [2, 3, 4].map((resourceType) => ({
    ...superUser,
    resourceType,
    resourceName: resourceType === 4 ? "kafka-cluster" : "*",
    resourcePatternType: 3,
  }));
  await admin.createAcls({ acl: everything });
  return {
    kafka,
    admin,
    controller: `127.0.0.1:${controllerPort}`,
    certificates,
    clientKey,
    end: async () => {
      await admin.disconnect();
      await kafka.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Files = { readonly keyStore: string; readonly trustStore: string };

/** Listeners of every kind, and access lists that allow nothing to whom they do not name. */
function guards(files: Files): Pick<KafkaOptions, "listeners" | "scramUsers" | "settings"> {
  const security = "org.apache.kafka.common.security";
  const plain = `${security}.plain.PlainLoginModule required user_rekey="${password}";`;
  const scram = `${security}.scram.ScramLoginModule required;`;
  const bearer = `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`;
  const secret = Secret.fromUtf8(password);
  const mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
  return {
    listeners: [
      { name: "PLAINTEXT", protocol: "PLAINTEXT" },
      {
        name: "SASL",
        protocol: "SASL_PLAINTEXT",
        settings: {
          "sasl.enabled.mechanisms": `PLAIN,${mechanisms.join()},OAUTHBEARER`,
          "plain.sasl.jaas.config": plain,
          "scram-sha-256.sasl.jaas.config": scram,
          "scram-sha-512.sasl.jaas.config": scram,
          "oauthbearer.sasl.jaas.config": bearer,
        },
      },
      {
        name: "PLAINONLY",
        protocol: "SASL_PLAINTEXT",
        settings: { "sasl.enabled.mechanisms": "PLAIN", "plain.sasl.jaas.config": plain },
      },
      {
        name: "TLS",
        protocol: "SSL",
        settings: {
          "ssl.keystore.type": "PEM",
          "ssl.keystore.location": files.keyStore,
          "ssl.truststore.type": "PEM",
          "ssl.truststore.location": files.trustStore,
          "ssl.client.auth": "required",
        },
      },
    ],
    scramUsers: ["rekey", "reader"].map((name) => ({ name, password: secret, mechanisms })),
    settings: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS;User:CN=rekey",
      "group.min.session.timeout.ms": "500",
      "offsets.topic.num.partitions": "2",
    },
  };
}

async function writeCertificates(folder: string) {
  const authority = await createTestAuthority("brokers");
  const stranger = await createTestAuthority("stranger");
  const addresses = ["127.0.0.1"];
  const broker = await authority.issue({ name: "broker", addresses });
  const client = await authority.issue({ name: "rekey" });
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const chain = ({ key, certificate }: TestCertificate): string => `${key}\n${certificate}\n`;
  return {
    clientKey: client.key,
    certificates: {
      ca: await write("ca.pem", authority.certificate),
      client: await write("client.pem", client.certificate),
      stranger: await write("stranger.pem", stranger.certificate),
    },
    broker: {
      keyStore: await write("broker.pem", chain(broker)),
      trustStore: await write("trusted.pem", authority.certificate),
    },
  };
}
