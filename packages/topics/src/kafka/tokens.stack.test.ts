import { inspect } from "node:util";
import { Fault } from "@rekey/domain";
import { createLog } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import { bytesSink, createCanary, expectNoCanary } from "@rekey/testkit";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { byKey, firstTimes, numbered, passes, range, startReader } from "../suite/world.suite.ts";
import type { Reader } from "../suite/world.suite.ts";
import type { KafkaTopics } from "./open.ts";
import { forgedToken } from "./token-provider.suite.ts";
import { tokenWorld } from "./token-world.suite.ts";
import type { TokenWorld } from "./token-world.suite.ts";

// The client logs in again 10 s before a session ends, and a session ends with its token.
const lifeSeconds = 15;
const secret = createCanary({ plain: true });
const strangersSecret = createCanary({ plain: true });
// Characters that a form writes differently, of those that a client's secret may have (RFC 6749, A.2).
const secretText = `${secret.value}"+/ %&=<'`;
// Bounds for what hangs, no measures.
const patient = { timeout: 120_000, interval: 50 };
/** Between two records that are sent while tokens end. */
const pauseMs = 20;

let world: TokenWorld;
let secretFile: string;
const opened: KafkaTopics[] = [];
const lines: string[] = [];
const errors: unknown[] = [];

describeStack(["kafka"], "tokens of an OpenID provider, checked by the brokers", () => {
  beforeAll(async () => {
    world = await tokenWorld([
      { clientId: "rekey", secret: secretText, lifeSeconds },
      { clientId: "stranger", secret: strangersSecret.value, lifeSeconds },
    ]);
    secretFile = await world.writeSecret("client.secret", `${secretText}\n`);
  });
  afterAll(() => world.end());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.close()));
  });
  logins();
  refusals();
  ends();
  outages();
  silence();
});

const log = createLog({
  level: "debug",
  destination: { write: (line) => void lines.push(line) },
});

const open = (...sasl: readonly string[]): KafkaTopics => {
  const one = world.open(sasl, log);
  opened.push(one);
  return one;
};

const grant = (file = secretFile, clientId = "rekey"): readonly string[] => [
  `tokenUrl: ${world.provider.tokenUrl}`,
  `clientId: ${clientId}`,
  `clientSecret: "file:${file}"`,
  "scope: kafka",
];

const refusal = (providerCode: string) => ({ code: "TOPIC_REJECTED", providerCode });
const away = { code: "TOPICS_UNREACHABLE", providerCode: "TOKEN_UNREACHABLE" };

/** What a check says, kept for the last test. */
const saidBy = async ({ source }: KafkaTopics): Promise<unknown> => {
  const said = await source.check().catch((error: unknown) => error);
  if (said !== undefined) errors.push(said);
  return said;
};

/** As a producer does: a record that was refused is sent again. Whatever was said meanwhile is the answer. */
const appended = async ({ sink }: KafkaTopics, topic: string, index: number): Promise<void> => {
  await vi.waitFor(async () => {
    await sink.append([numbered(topic, index)]).catch((error: unknown) => {
      errors.push(error);
      throw error;
    });
  }, patient);
};

const inOrder = (numbers: readonly number[]): number[] =>
  numbers.toSorted((one, other) => one - other);

/** Nothing is lost, and each key keeps its order. */
const expectWhole = async (reader: Reader, count: number): Promise<void> => {
  await vi.waitFor(() => {
    expect(inOrder(firstTimes(reader.seen))).toEqual(range(0, count));
  }, patient);
  for (const numbers of byKey(reader.batches).values()) {
    expect(firstTimes(numbers)).toEqual(inOrder(firstTimes(numbers)));
  }
};

function logins(): void {
  test("a token by the configured grant is taken, its keys come from the provider, and records are carried", async () => {
    const topic = world.newTopic();
    const log = open(...grant());
    const reader = await startReader(log, topic);
    await appended(log, topic, 0);
    await expectWhole(reader, 1);
    expect(world.provider.issued().length).toBeGreaterThan(0);
    expect(world.provider.keysAsked()).toBeGreaterThan(0);
  });

  test("whom the provider names in the token is whom the access lists know", async () => {
    const file = await world.writeSecret("stranger.secret", strangersSecret.value);
    const stranger = open(...grant(file, "stranger"));
    expect(await saidBy(stranger)).toMatchObject(refusal("ACL_DENIED"));
  });
}

function refusals(): void {
  test("a token for another audience is refused by the brokers", async () => {
    const elsewhere = open(...grant(), "resource: urn:rekey:elsewhere");
    expect(await saidBy(elsewhere)).toMatchObject(refusal("AUTHENTICATION_FAILED"));
  });

  test("a token that somebody else signed in the provider's name is refused by the brokers", async () => {
    const forged = forgedToken(world.provider, { subject: "rekey", lifeSeconds });
    const file = await world.writeSecret("forged.token", forged);
    expect(await saidBy(open(`token: "file:${file}"`))).toMatchObject(
      refusal("AUTHENTICATION_FAILED"),
    );
  });

  test("a wrong client secret is told apart from a refused token, and the right one is taken without a restart", async () => {
    const topic = world.newTopic();
    const file = await world.writeSecret("changed.secret", "not the secret");
    const log = open(...grant(file));
    expect(await saidBy(log)).toMatchObject(refusal("TOKEN_INVALID_CLIENT"));
    const wrong = await log.sink.append([numbered(topic, 0)]).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ ...refusal("TOKEN_INVALID_CLIENT"), unknownOutcome: false });
    await expect(startReader(log, topic)).rejects.toMatchObject(refusal("TOKEN_INVALID_CLIENT"));
    errors.push(wrong);
    await world.writeSecret("changed.secret", secretText);
    await appended(log, topic, 0);
    await expectWhole(await startReader(log, topic), 1);
  });

  test("a scope that the client may not ask for is told", async () => {
    const asking = grant().with(-1, "scope: everything");
    expect(await saidBy(open(...asking))).toMatchObject(refusal("TOKEN_INVALID_SCOPE"));
  });
}

function ends(): void {
  test("tokens end while records flow: what was acknowledged arrives, in order, and an old token is worth nothing", async () => {
    const topic = world.newTopic();
    const log = open(...grant());
    const reader = await startReader(log, topic);
    await appended(log, topic, 0);
    const old = world.provider.issued().at(-1) ?? "";
    const file = await world.writeSecret("old.token", old);
    const kept = open(`token: "file:${file}"`);
    expect(await saidBy(kept)).toBeUndefined();
    const until = endOf(old) + lifeSeconds * 1_000;
    let count = 1;
    for (; Date.now() < until; count += 1) {
      await appended(log, topic, count);
      await passes(pauseMs);
    }
    await expectWhole(reader, count);
    await vi.waitFor(async () => {
      expect(await saidBy(kept)).toMatchObject(refusal("AUTHENTICATION_FAILED"));
    }, patient);
  });
}

function outages(): void {
  test("a provider that is down at the start is told, and everything begins once it is there", async () => {
    const topic = world.newTopic();
    await world.provider.goDown();
    const log = open(...grant());
    expect(await saidBy(log)).toMatchObject(away);
    const lost = await log.sink.append([numbered(topic, 0)]).catch((error: unknown) => error);
    expect(lost).toMatchObject({ ...away, unknownOutcome: false });
    const starting = startReader(log, topic);
    await world.provider.comeBack();
    await appended(log, topic, 0);
    await expectWhole(await starting, 1);
  });

  test("a provider that goes away later is told when tokens end; it comes back with another key, and nothing is lost", async () => {
    const topic = world.newTopic();
    const log = open(...grant());
    const reader = await startReader(log, topic);
    await appended(log, topic, 0);
    await world.provider.goDown();
    const told = (one: unknown): boolean =>
      one instanceof Fault && one.providerCode === away.providerCode;
    let count = 1;
    await vi.waitFor(async () => {
      const refused = await log.sink.append([numbered(topic, count)]).then(
        () => void (count += 1),
        (error: unknown) => error,
      );
      expect(refused).toMatchObject(away);
    }, patient);
    await vi.waitFor(() => expect(reader.errors.some(told)).toBe(true), patient);
    await world.provider.rotate();
    await world.provider.comeBack();
    await appended(log, topic, count);
    await expectWhole(reader, count + 1);
    errors.push(...reader.errors);
  });
}

function silence(): void {
  test("no line of the log and no error holds a secret of a client or a token", async () => {
    expect(lines.length).toBeGreaterThan(0);
    expect(errors.length).toBeGreaterThan(0);
    const said = inspect(errors, { depth: 20, showHidden: true, maxArrayLength: null });
    const sinks = [bytesSink("log", lines.join("")), bytesSink("errors", said)];
    await expectNoCanary(secret, sinks);
    await expectNoCanary(strangersSecret, sinks);
    // The signature is what nobody else can write.
    const signatures = world.provider.issued().map((token) => token.split(".")[2] ?? token);
    expect(signatures.length).toBeGreaterThan(0);
    const text = `${lines.join("")}${said}`;
    expect(signatures.filter((signature) => text.includes(signature))).toEqual([]);
  });
}

/** In milliseconds since 1970. */
function endOf(token: string): number {
  const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(claims) as { readonly exp: number }).exp * 1_000;
}
