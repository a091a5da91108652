import { inspect } from "node:util";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { freePort } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { freshName, gate, ignoreErrors, soon } from "../suite/world.suite.ts";
import type { KafkaSasl, KafkaTls } from "./connect.ts";
import { grantedToken } from "./granted-token.ts";
import { openKafkaTopics } from "./open.ts";
import type { KafkaTopics } from "./open.ts";
import { guardedWorld, password, topic } from "./guarded-world.suite.ts";
import type { GuardedWorld } from "./guarded-world.suite.ts";
import { shortPace } from "./world.suite.ts";

let world: GuardedWorld;
const opened: KafkaTopics[] = [];

describeStack(["kafka"], "connections to a guarded broker", () => {
  beforeAll(async () => {
    world = await guardedWorld();
  });
  afterAll(() => world.end());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.close()));
  });
  logins();
  changedPasswords();
  tokens();
  encryption();
  accessLists();
});

const open = (address: string, more: { sasl?: KafkaSasl; tls?: KafkaTls } = {}): KafkaTopics => {
  const log = openKafkaTopics({
    brokers: [address],
    clientId: "rekey-test",
    log: silentLog,
    clock: systemClock,
    topics: [topic],
    pace: shortPace,
    ...more,
  });
  opened.push(log);
  return log;
};

const sasl = (): string => world.kafka.addresses["SASL"] ?? "";
const login = (mechanism: "plain" | "scram-sha-256" | "scram-sha-512", secret = password) => ({
  sasl: { mechanism, username: "rekey", password: fixedSource(secret) },
});
const refusal = (providerCode: string) => ({ code: "TOPIC_REJECTED", providerCode });
const carries = async (log: KafkaTopics): Promise<void> => {
  const seen = gate();
  await log.source.check();
  await log.source.subscribe({
    topics: [topic],
    group: freshName("group"),
    batchMax: 10,
    onBatch: async () => seen.open(),
    onError: ignoreErrors,
  });
  await log.sink.append([{ topic, key: "k", headers: {}, value: Buffer.from("v") }]);
  await seen.opened;
};

function logins(): void {
  test.each(["plain", "scram-sha-256", "scram-sha-512"] as const)(
    "with %s records are carried, and a wrong password is refused by code",
    async (mechanism) => {
      await carries(open(sasl(), login(mechanism)));
      const wrong = open(sasl(), login(mechanism, "cNry7-wrong"));
      const refused = await wrong.source.check().catch((error: unknown) => error);
      expect(refused).toMatchObject(refusal("AUTHENTICATION_FAILED"));
      expect(inspect([refused, wrong], { depth: 20, showHidden: true })).not.toContain("cNry7");
    },
  );

  test("a login that is missing, or of a kind the broker does not know, is told apart", async () => {
    await expect(open(sasl()).source.check()).rejects.toMatchObject(refusal("SASL_REQUIRED"));
    const plainOnly = world.kafka.addresses["PLAINONLY"] ?? "";
    const unknown = open(plainOnly, login("scram-sha-256"));
    const unsupported = refusal("SASL_MECHANISM_UNSUPPORTED");
    await expect(unknown.source.check()).rejects.toMatchObject(unsupported);
  });

  test("after a refused login the password is read again, and the next one succeeds", async () => {
    let current = "old";
    const source = {
      read: async () => Secret.fromUtf8(current),
      invalidate: () => void (current = password),
    };
    const log = open(sasl(), {
      sasl: { mechanism: "scram-sha-512", username: "rekey", password: source },
    });
    await expect(log.sink.check()).rejects.toMatchObject(refusal("AUTHENTICATION_FAILED"));
    await carries(log);
  });

  test("a controller's port and a closed port are told apart", async () => {
    await expect(open(world.controller).source.check()).rejects.toMatchObject(
      refusal("NOT_A_BROKER"),
    );
    // Nobody is given port 1: one that was free a moment ago somebody else may have by now.
    await expect(open("127.0.0.1:1").source.check()).rejects.toMatchObject({
      code: "TOPICS_UNREACHABLE",
      providerCode: "ECONNREFUSED",
    });
  });
}

function changedPasswords(): void {
  test("an append whose login is refused reads the password again and is sent once more, within the call", async () => {
    let reads = 0;
    const source = (after: string) => {
      let current = "changed meanwhile";
      return {
        read: async () => {
          reads += 1;
          return Secret.fromUtf8(current);
        },
        invalidate: () => void (current = after),
      };
    };
    const sinkOf = (after: string) =>
      open(sasl(), {
        sasl: { mechanism: "scram-sha-512", username: "rekey", password: source(after) },
      }).sink;
    const record = { topic, key: "k", headers: {}, value: Buffer.from("v") };
    await sinkOf(password).append([record]);
    expect(reads).toBe(2);
    reads = 0;
    const refused = await sinkOf("still wrong")
      .append([record])
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ ...refusal("AUTHENTICATION_FAILED"), unknownOutcome: false });
    expect(reads).toBe(2);
  });
}

function tokens(): void {
  test("with oauthbearer records are carried; a token is asked for, and a wrong one is refused", async () => {
    let asked = 0;
    const bearer = (subject: string) => ({
      sasl: {
        mechanism: "oauthbearer" as const,
        token: {
          read: async () => {
            asked += 1;
            return unsignedToken(subject);
          },
          invalidate: () => undefined,
        },
      },
    });
    await carries(open(sasl(), bearer("rekey")));
    expect(asked).toBeGreaterThan(0);
    const wrong = open(sasl(), bearer(""));
    await expect(wrong.source.check()).rejects.toMatchObject(refusal("AUTHENTICATION_FAILED"));
  });

  test("a token that the broker refused is forgotten, and the next one is taken", async () => {
    let subject = "";
    const token = {
      read: async () => unsignedToken(subject),
      invalidate: () => void (subject = "rekey"),
    };
    const log = open(sasl(), { sasl: { mechanism: "oauthbearer", token } });
    await expect(log.sink.check()).rejects.toMatchObject(refusal("AUTHENTICATION_FAILED"));
    await carries(log);
  });

  test("a token server that is away is told as such, not as a refused login", async () => {
    const url = `http://127.0.0.1:${await freePort()}/token`;
    const token = grantedToken({ url, clientId: "rekey", clientSecret: fixedSource("s") });
    const log = open(sasl(), { sasl: { mechanism: "oauthbearer", token } });
    const away = { code: "TOPICS_UNREACHABLE", providerCode: "TOKEN_UNREACHABLE" };
    await expect(log.source.check()).rejects.toMatchObject(away);
    const record = { topic, key: "k", headers: {}, value: Buffer.from("v") };
    await expect(log.sink.append([record])).rejects.toMatchObject(away);
  });
}

function encryption(): void {
  const tls = (): string => world.kafka.addresses["TLS"] ?? "";
  const ours = (): KafkaTls => ({
    caFile: world.certificates.ca,
    certificateFile: world.certificates.client,
    key: fixedSource(world.clientKey),
  });

  test("with TLS and a client's certificate records are carried", async () => {
    await carries(open(tls(), { tls: ours() }));
  });

  test("a broker that no known authority vouches for is refused", async () => {
    const { caFile: _system, ...unknown } = ours();
    await expect(open(tls(), { tls: unknown }).source.check()).rejects.toMatchObject(
      refusal("TLS_UNTRUSTED"),
    );
    const stranger = { ...ours(), caFile: world.certificates.stranger };
    await expect(open(tls(), { tls: stranger }).source.check()).rejects.toMatchObject(
      refusal("TLS_UNTRUSTED"),
    );
    const renamed = { ...ours(), serverName: "other.example" };
    await expect(open(tls(), { tls: renamed }).source.check()).rejects.toMatchObject(
      refusal("TLS_UNTRUSTED"),
    );
  });

  test("without our own certificate, and where one side does not speak TLS, it is refused", async () => {
    const anonymous = open(tls(), { tls: { caFile: world.certificates.ca } });
    await expect(anonymous.source.check()).rejects.toMatchObject(refusal("TLS_UNTRUSTED"));
    await expect(open(tls()).source.check()).rejects.toMatchObject(refusal("TLS_REQUIRED"));
    const plain = world.kafka.addresses["PLAINTEXT"] ?? "";
    const unspoken = { code: "TOPICS_UNREACHABLE" };
    await expect(open(plain, { tls: ours() }).source.check()).rejects.toMatchObject(unspoken);
  });
}

const [topicType, groupType, read, describe, write] = [2, 3, 3, 8, 4];

const allow = async (operations: readonly number[], type: number, name: string): Promise<void> => {
  const rule = { principal: "User:reader", host: "*", permissionType: 3 };
  // A group's name has its topic behind it: its rule is one for a prefix.
  const resourcePatternType = type === groupType ? 4 : 3;
  const resource = { resourceType: type, resourceName: name, resourcePatternType };
  const acl = operations.map((operation) => ({ ...rule, ...resource, operation }));
  await world.admin.createAcls({ acl });
};

const takeReadingAway = async (): Promise<void> => {
  const rule = { resourceType: topicType, resourceName: topic, resourcePatternType: 3 };
  const reading = { principal: "User:reader", host: "*", permissionType: 3, operation: read };
  await world.admin.deleteAcls({ filters: [{ ...rule, ...reading }] });
};

function accessLists(): void {
  const reader = () => {
    const who = { mechanism: "scram-sha-512" as const, username: "reader" };
    return open(sasl(), { sasl: { ...who, password: fixedSource(password) } });
  };

  test("what an access list denies is told by code: topic, group, reading, writing", async () => {
    const log = reader();
    await expect(log.source.check()).rejects.toMatchObject(refusal("ACL_DENIED"));
    await allow([describe], topicType, topic);
    await vi.waitFor(() => log.source.check(), soon);
    const record = { topic, key: "k", headers: {}, value: Buffer.from("v") };
    await expect(log.sink.append([record])).rejects.toMatchObject(refusal("ACL_DENIED"));
    const group = freshName("denied");
    const onBatch = async () => undefined;
    const request = { topics: [topic], group, batchMax: 1, onBatch, onError: ignoreErrors };
    const subscribe = () => log.source.subscribe(request);
    await expect(subscribe()).rejects.toMatchObject(refusal("ACL_DENIED"));
    await allow([read], groupType, group);
    // The group may be joined now; that its topic may not be read is told by a crash alone.
    await expect(subscribe()).rejects.toMatchObject(refusal("ACL_DENIED"));
    await allow([read, write], topicType, topic);
    await vi.waitFor(() => log.sink.append([record]), soon);
    const subscription = await subscribe();
    await vi.waitFor(async () => expect((await subscription.health()).lag).toBe(0), soon);
  });

  test("a reader whose right is taken away says so, and reads on when it is given back", async () => {
    await allow([read, describe, write], topicType, topic);
    await allow([read], groupType, "rekey-");
    const errors: unknown[] = [];
    const seen: string[] = [];
    const subscribe = () =>
      reader().source.subscribe({
        topics: [topic],
        group: freshName("rekey-reader"),
        batchMax: 10,
        onBatch: async (batch) => void seen.push(...batch.records.map(({ key }) => key)),
        onError: (error) => void errors.push(error),
      });
    await vi.waitFor(subscribe, soon);
    const writer = open(sasl(), login("plain")).sink;
    const append = async (key: string): Promise<void> =>
      await writer.append([{ topic, key, headers: {}, value: Buffer.from("v") }]);
    await append("before");
    await vi.waitFor(() => expect(seen).toContain("before"), soon);
    await takeReadingAway();
    const denied = expect.objectContaining(refusal("ACL_DENIED"));
    await vi.waitFor(() => expect(errors).toContainEqual(denied), soon);
    await append("after");
    await allow([read], topicType, topic);
    await vi.waitFor(() => expect(seen).toContain("after"), soon);
  });
}

/** What Kafka's validator for development takes: a token that nobody signed. */
function unsignedToken(subject: string): Secret {
  const seconds = Math.floor(Date.now() / 1_000);
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { sub: subject, iat: seconds, exp: seconds + 300 };
  return Secret.fromUtf8(`${encoded({ alg: "none" })}.${encoded(claims)}.`);
}
