import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecretSources, parseConfig, systemClock } from "@rekey/runtime";
import type { Log } from "@rekey/runtime";
import { startKafka } from "@rekey/stack";
import type { KafkaListener } from "@rekey/stack";
import { createTestAuthority } from "@rekey/testkit";
import { kafkaConnection } from "./configured.ts";
import { kafkaOptions } from "./kafka-options.ts";
import { openKafkaTopics } from "./open.ts";
import type { KafkaTopics } from "./open.ts";
import { audience, startTokenProvider } from "./token-provider.suite.ts";
import type { TokenClient, TokenProvider } from "./token-provider.suite.ts";
import { createTopics, openAdmin } from "./world.suite.ts";

// Topics are named when a log is opened: each test takes one of its own.
const topics = Array.from({ length: 12 }, (_, place) => `granted-${place}`);

export interface TokenWorld {
  readonly provider: TokenProvider;
  /** A topic of its own for a test. */
  newTopic(): string;
  /** A file with one secret in it; the same name replaces it. */
  writeSecret(name: string, text: string): Promise<string>;
  /** As a user configures it: lines below `sasl`, without the mechanism. */
  open(sasl: readonly string[], log: Log): KafkaTopics;
  end(): Promise<void>;
}

/** A broker that itself checks each token with the keys of a provider, and lets in `rekey` alone. */
export async function tokenWorld(clients: readonly TokenClient[]): Promise<TokenWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-kafka-"));
  const provider = await startTokenProvider(clients);
  const { keyStore, caFile } = await writeCertificates(folder);
  const kafka = await startKafka({
    folder,
    listeners: [{ name: "PLAINTEXT", protocol: "PLAINTEXT" }, guarded(provider, keyStore)],
    // Brokers ask no address that is not named to their JVM.
    javaOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${provider.keysUrl}`],
    settings: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS;User:rekey",
      "offsets.topic.num.partitions": "2",
    },
  });
  const admin = await openAdmin(kafka.brokers);
  await createTopics(
    admin,
    topics.map((topic) => ({ topic, numPartitions: 2 })),
  );
  const unused = [...topics];
  const writeSecret = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const address = kafka.addresses["TOKENS"] ?? "";
  return {
    provider,
    writeSecret,
    newTopic: () => {
      const [topic] = unused.splice(0, 1);
      if (topic === undefined) throw new Error("no topic is left: make more of them");
      return topic;
    },
    open: (sasl, log) => openAs(section({ address, caFile, sasl }), log),
    end: async () => {
      await admin.disconnect();
      await kafka.stop();
      await provider.goDown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What docs/production.md tells to set, but for the skew: a token that has ended must be refused while a test waits. */
const guarded = ({ issuer, keysUrl }: TokenProvider, keyStore: string): KafkaListener => ({
  name: "TOKENS",
  protocol: "SASL_SSL",
  settings: {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keyStore,
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "connections.max.reauth.ms": "3600000",
    "oauthbearer.sasl.jaas.config":
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
    "oauthbearer.sasl.server.callback.handler.class":
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
    "sasl.oauthbearer.jwks.endpoint.url": keysUrl,
    "sasl.oauthbearer.expected.issuer": issuer,
    "sasl.oauthbearer.expected.audience": audience,
    "sasl.oauthbearer.clock.skew.seconds": "0",
  },
});

const section = (of: {
  readonly address: string;
  readonly caFile: string;
  readonly sasl: readonly string[];
}): string => `
brokers: ["${of.address}"]
tls: { caFile: ${of.caFile} }
sasl:
  mechanism: oauthbearer
${of.sasl.map((line) => `  ${line}\n`).join("")}`;

const openAs = (text: string, log: Log): KafkaTopics => {
  const settings = parseConfig({ schema: kafkaOptions, text, environment: {} });
  const sources = createSecretSources({ environment: {}, clock: systemClock });
  return openKafkaTopics({
    ...kafkaConnection(settings, sources),
    clientId: "rekey-test",
    log,
    clock: systemClock,
    topics,
    pace: { rebuildMs: 50, rebuildMaxMs: 500 },
  });
};

async function writeCertificates(folder: string) {
  const authority = await createTestAuthority("brokers");
  const { key, certificate } = await authority.issue({ name: "broker", addresses: ["127.0.0.1"] });
  const keyStore = join(folder, "broker.pem");
  const caFile = join(folder, "ca.pem");
  await writeFile(keyStore, `${key}\n${certificate}\n`, { mode: 0o600 });
  await writeFile(caFile, authority.certificate);
  return { keyStore, caFile };
}
