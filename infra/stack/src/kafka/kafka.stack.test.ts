import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createTestAuthority } from "@rekey/testkit";
import { Secret } from "@rekey/secret";
import type { Producer } from "kafkajs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeStack } from "../vitest.ts";
import { kafkaClient } from "./describe-cluster.ts";
import { startSecuredKafka } from "./secured.ts";
import { startKafka, type RunningKafka } from "./start.ts";
import type { Credentials } from "./connect.ts";

let folder: string;
let started: RunningKafka[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-kafka-"));
  started = [];
});

afterEach(async () => {
  for (const part of started) await part.stop();
  await rm(folder, { recursive: true, force: true });
});

const keep = async <Part extends RunningKafka>(starting: Promise<Part>): Promise<Part> => {
  const part = await starting;
  started.push(part);
  return part;
};

const withAdmin = async <Value>(
  broker: string,
  use: (admin: ReturnType<ReturnType<typeof kafkaClient>["admin"]>) => Promise<Value>,
  credentials?: Credentials,
): Promise<Value> => {
  const admin = kafkaClient(broker, credentials).admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
};

const send = async (broker: string, topic: string, credentials?: Credentials): Promise<void> => {
  const producer: Producer = kafkaClient(broker, credentials).producer();
  try {
    await producer.connect();
    await producer.send({ topic, messages: [{ key: "k", value: "v" }] });
  } finally {
    await producer.disconnect();
  }
};

/** What a client that trusts only `ca` thinks of the server. */
const tlsOutcome = (port: number, ca: string | undefined): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", ...(ca !== undefined && { ca }) });
    const end = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("secureConnect", () => end("authorized"));
    socket.once("error", (error) => end(error.message));
  });

const topics = (...names: string[]): { topics: { topic: string; numPartitions: number }[] } => ({
  topics: names.map((topic) => ({ topic, numPartitions: 1 })),
});

describeStack(["kafka"], "Kafka", () => {
  test("what it acknowledged is there after kill -9, on the same port, and Node has nothing to warn of", async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", note);
    const kafka = await keep(startKafka({ folder }));
    const [broker = ""] = kafka.brokers;
    await withAdmin(broker, (admin) => admin.createTopics(topics("kept")));
    await send(broker, "kept");
    await kafka.kill();
    await kafka.restart();
    expect(kafka.brokers).toEqual([broker]);
    const offsets = await withAdmin(broker, (admin) => admin.fetchTopicOffsets("kept"));
    expect(offsets).toMatchObject([{ partition: 0, offset: "1" }]);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("a topic that nobody made is not made by writing to it", async () => {
    const kafka = await keep(startKafka({ folder }));
    const [broker = ""] = kafka.brokers;
    await expect(send(broker, "never.made")).rejects.toThrow("does not host this topic");
  });

  test("a folder that was formatted half way is formatted again", async () => {
    const first = await keep(startKafka({ folder }));
    await first.stop();
    await rm(join(folder, "formatted"));
    await rm(join(folder, "data", "meta.properties"));
    const second = await keep(startKafka({ folder }));
    expect(second.brokers).toHaveLength(1);
  });

  test("a second listener has TLS with the certificate it was given", async () => {
    const authority = await createTestAuthority("test authority");
    const subject = { name: "kafka", addresses: ["127.0.0.1"] };
    const { certificate, key } = await authority.issue(subject);
    const settings = {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.certificate.chain": certificate,
      "ssl.keystore.key": key,
    };
    const listeners = [
      { name: "PLAINTEXT", protocol: "PLAINTEXT" },
      { name: "TLS", protocol: "SSL", settings },
    ] as const;
    const kafka = await keep(startKafka({ folder, listeners }));
    const port = Number(kafka.addresses["TLS"]?.split(":")[1]);
    expect(await tlsOutcome(port, authority.certificate)).toBe("authorized");
    expect(await tlsOutcome(port, undefined)).not.toBe("authorized");
  });
});

describeStack(["kafka"], "Kafka with users", () => {
  test("a producer writes its own topic and no other, and only the auditor's reader reads the audit", async () => {
    const kafka = await keep(startSecuredKafka({ folder }));
    const [broker = ""] = kafka.brokers;
    const admin = await kafka.credentials("admin");
    const scanner = await kafka.credentials("scanner");
    const workload = await kafka.credentials("payments");
    const own = ["rekey.in.scanner", "rekey.in.directory", "rekey.in.moved", "rekey.audit.v1"];
    const made = topics(...own);
    await withAdmin(broker, (client) => client.createTopics(made), admin);
    await send(broker, "rekey.in.scanner", scanner);
    await expect(send(broker, "rekey.in.directory", scanner)).rejects.toThrow("uthoriz");
    await expect(send(broker, "rekey.audit.v1", scanner)).rejects.toThrow("uthoriz");
    await send(broker, "rekey.in.moved", workload);
    await expect(send(broker, "rekey.in.moved", scanner)).rejects.toThrow("uthoriz");
    await expect(send(broker, "rekey.in.scanner", workload)).rejects.toThrow("uthoriz");
    const offsetsAs = async (user: Credentials): Promise<unknown> =>
      withAdmin(broker, (client) => client.fetchTopicOffsets("rekey.audit.v1"), user);
    expect(await offsetsAs(await kafka.credentials("auditor"))).toHaveLength(1);
    await expect(offsetsAs(scanner)).rejects.toThrow("uthoriz");
  });

  test("nobody gets in without a password or with a wrong one", async () => {
    const kafka = await keep(startSecuredKafka({ folder }));
    const [broker = ""] = kafka.brokers;
    const wrong = { username: "rekey", password: Secret.fromUtf8("not-the-password") };
    const ask = (credentials?: Credentials): Promise<unknown> =>
      withAdmin(broker, (client) => client.describeCluster(), credentials);
    expect(await ask(await kafka.credentials("rekey"))).toMatchObject({ controller: 1 });
    await expect(ask(wrong)).rejects.toThrow("authentication");
    await expect(ask()).rejects.toThrow();
  });

  test("users, passwords and grants outlive a restart, and no password is in the log", async () => {
    const kafka = await keep(startSecuredKafka({ folder }));
    const before = await kafka.credentials("auditor");
    await kafka.stop();
    const again = await keep(startSecuredKafka({ folder }));
    const after = await again.credentials("auditor");
    expect(after.password.equals(before.password)).toBe(true);
    const log = await readFile(again.logFile, "utf8");
    const files = await readdir(join(folder, "credentials"));
    expect(files).toContain("admin");
    for (const file of files.map((name) => join(folder, "credentials", name))) {
      expect((await stat(file)).mode & 0o077).toBe(0);
      expect(log).not.toContain(await readFile(file, "utf8"));
    }
  });
});
