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
    tls: {}
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

const bearerAt = (url: string): string =>
  `{ brokers: [a:1], tls: {}, sasl: { mechanism: oauthbearer, tokenUrl: '${url}', clientId: c, clientSecret: 'env:S' } }`;

test("a client's secret goes to a token server by https, or stays on this machine", () => {
  for (const safe of ["https://id.example/t", "http://127.0.0.1:8/t", "http://[::1]/t"])
    expect(problems(bearerAt(safe))).toEqual([]);
  for (const bad of ["http://id.example/t", "http://127.0.0.1.id.example/t", "ftp://a", "id/t"])
    expect(problems(bearerAt(bad))).toEqual(["sasl.tokenUrl"]);
});

const logins = {
  plain: "{ mechanism: plain, username: u, password: 'env:P' }",
  oauthbearer: "{ mechanism: oauthbearer, token: 'file:/run/token' }",
  "scram-sha-512": "{ mechanism: scram-sha-512, username: u, password: 'env:P' }",
};

test.each([
  ["plain", "[a:1]", ["tls"]],
  ["plain", "['127.0.0.1:1', a:1]", ["tls"]],
  ["plain", "['127.0.0.1:1', '[::1]:1', 'localhost:1']", []],
  ["oauthbearer", "[a:1]", ["tls"]],
  ["oauthbearer", "['127.0.0.1.example:1']", ["tls"]],
  ["oauthbearer", "['127.0.0.1:1']", []],
  ["scram-sha-512", "[a:1]", []],
] as const)("%s at %s without TLS: problems are %j", (mechanism, brokers, expected) => {
  const text = (more: string): string =>
    `{ brokers: ${brokers}, sasl: ${logins[mechanism]}${more} }`;
  expect(problems(text(""))).toEqual(expected);
  expect(problems(text(", tls: {}"))).toEqual([]);
});

test.each([
  ["token: 'file:/t'", []],
  ["token: 'file:/t', clientId: c", ["sasl.clientId"]],
  ["token: 'file:/t', scope: s", ["sasl.scope"]],
  ["scope: s", ["sasl.tokenUrl", "sasl.clientId", "sasl.clientSecret"]],
  ["tokenUrl: 'https://id/t', clientId: c", ["sasl.clientSecret"]],
  ["", ["sasl.token"]],
])("of oauthbearer with %j the problems are %j: a token or the grant, whole", (more, expected) => {
  const text = `{ brokers: [a:1], tls: {}, sasl: { mechanism: oauthbearer, ${more} } }`;
  expect(problems(text)).toEqual(expected);
});
