import { ConfigFault, parseConfig } from "@rekey/runtime";
import { expect, test } from "vitest";
import { kafkaOptions } from "./kafka-options.ts";

const parse = (text: string) => parseConfig({ schema: kafkaOptions, text, environment: {} });
const problems = (text: string): readonly string[] => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems.map(({ path }) => path);
  }
  return [];
};

test("brokers are enough; what production needs is the default", () => {
  expect(parse("brokers: ['kafka-1:9092']")).toEqual({
    brokers: ["kafka-1:9092"],
    clientId: "rekey",
    topics: {
      partitions: 12,
      replicas: 3,
      insyncReplicasMin: 2,
      incomingRetentionMs: 604_800_000,
      quarantineRetentionMs: 2_592_000_000,
    },
  });
});

test("secrets are references, and each way to log in has its own settings", () => {
  const scram = `
    brokers: ['[::1]:9092']
    tls: { caFile: /etc/ca.pem, certificateFile: /etc/own.pem, key: 'file:/etc/own.key' }
    sasl: { mechanism: scram-sha-512, username: rekey, password: 'env:KAFKA_PASSWORD' }`;
  expect(parse(scram)).toMatchObject({
    tls: { key: { kind: "file", path: "/etc/own.key" } },
    sasl: { password: { kind: "env", name: "KAFKA_PASSWORD" } },
  });
  const bearer = `
    brokers: [a:1]
    sasl: { mechanism: oauthbearer, tokenUrl: 'https://id/token', clientId: c, clientSecret: 'env:S' }`;
  expect(parse(bearer)).toMatchObject({ sasl: { clientSecret: { kind: "env", name: "S" } } });
  const mixed = "{ brokers: [a:1], sasl: { mechanism: plain, username: u, clientId: c } }";
  expect(problems(mixed)).toEqual(expect.arrayContaining(["sasl.clientId", "sasl.password"]));
});

test.each([
  ["a broker without a port", "brokers: [kafka]", "brokers[0]"],
  ["a broker as an address of the web", "brokers: ['http://kafka:9092']", "brokers[0]"],
  ["no broker", "brokers: []", "brokers"],
  ["no copies", "{ brokers: [a:1], topics: { replicas: 0 } }", "topics.replicas"],
])("%s is a problem with its path", (_name, text, path) => {
  expect(problems(text)).toEqual([path]);
});
