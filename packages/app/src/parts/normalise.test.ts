import { createHash } from "node:crypto";
import { topicNames } from "@rekey/contracts";
import type { IncomingRecord, SignalKind } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { rekeyConfig } from "../config/embedded.ts";
import { fingerprinter } from "./keys.ts";
import { createNormalise } from "./normalise.ts";

const at = "2026-03-02T09:15:04.120Z";
const rekey = [{ scheme: "rekey", value: "payments-db#3" }];
const person = { type: "human", ids: [{ scheme: "externalId", value: "e-17" }] };
const service = { type: "service", ids: [{ scheme: "service", value: "shop" }] };

const said: Readonly<Record<string, { readonly type: string; readonly data: object }>> = {
  exposure: {
    type: "rekey.exposure.reported.v1",
    data: { locators: rekey, severity: "high", occurredAt: at },
  },
  offboarding: {
    type: "rekey.identity.offboarded.v1",
    data: { subject: person, occurredAt: at },
  },
  lifecycle: {
    type: "rekey.deployment.changed.v1",
    data: { effect: "retire", subject: service, environment: "production", occurredAt: at },
  },
  usage: {
    type: "rekey.credential.used.v1",
    data: { subject: service, locators: rekey, occurredAt: at },
  },
  manual: {
    type: "rekey.rotation.requested.v1",
    data: { effect: "end", locators: rekey, reason: "away with it", occurredAt: at },
  },
};

const bytesOf = (kind: string): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ specversion: "1.0", id: "1", source: "/s", ...said[kind] }),
  );

const recordOf = (topic: string, value: Uint8Array): IncomingRecord => ({
  topic,
  partition: 0,
  offset: 7n,
  key: "payments-db",
  headers: { "content-type": "application/cloudevents+json" },
  value,
});

const normaliseWith = (producers: Record<string, object>) =>
  createNormalise({
    producers: rekeyConfig.parse({ producers }).producers,
    fingerprint: fingerprinter({ id: "p1", key: Secret.fromUtf8("pepper of the tests") }),
    newId,
    now: () => Date.parse(at),
  });

test("a producer of which nothing is said may report exposures, and nothing else", () => {
  const normalise = normaliseWith({ scanner: {} });
  const outcomes = Object.keys(said).map((kind) => {
    const [only, ...others] = normalise(recordOf("rekey.in.scanner", bytesOf(kind)));
    expect(others).toEqual([]);
    return only && "outcome" in only ? [kind, only.outcome, only.reason] : [kind, "received"];
  });
  const refused = (kind: string) => [
    kind,
    "refused",
    `scanner may not report this: add ${kind} to producers.scanner.kinds`,
  ];
  expect(outcomes).toEqual([
    ["exposure", "received"],
    refused("offboarding"),
    refused("lifecycle"),
    refused("usage"),
    ["manual", "refused", expect.stringContaining("only the API")],
  ]);
});

test("a producer says what it is configured for; no setting lets it ask for an end", () => {
  const normalise = normaliseWith({ hr: { kinds: ["offboarding", "lifecycle"] } });
  const received = (kind: string) =>
    normalise(recordOf("rekey.in.hr", bytesOf(kind))).every((input) => "signal" in input);
  expect(Object.keys(said).filter(received)).toEqual(["offboarding", "lifecycle"]);
  for (const kind of ["manual", "schedule"] satisfies SignalKind[])
    expect(rekeyConfig.safeParse({ producers: { hr: { kinds: [kind] } } }).success).toBe(false);
});

test("the API may say everything", () => {
  const normalise = normaliseWith({});
  for (const kind of Object.keys(said))
    expect(normalise(recordOf(topicNames.api, bytesOf(kind)))).toMatchObject([
      { signal: { kind } },
    ]);
});

test("only the machine's own operator is trusted among those who report by the API", () => {
  const normalise = normaliseWith({});
  const authenticationOf = (feed: string | undefined) => {
    const source = feed === undefined ? {} : { source: { system: "cli", feed } };
    const { type, data } = said["exposure"] ?? { type: "", data: {} };
    const event = { specversion: "1.0", id: "1", source: "/s", type, data: { ...data, ...source } };
    const [input] = normalise(
      recordOf(topicNames.api, new TextEncoder().encode(JSON.stringify(event))),
    );
    return input !== undefined && "signal" in input ? input.authentication : undefined;
  };
  const by = (method: string, trusted: boolean) => ({ producer: "api", method, trusted });
  expect(authenticationOf("local:operator")).toEqual(by("local-socket", true));
  expect(authenticationOf("jwt:https://id.example.org#local:operator")).toEqual(by("jwt", false));
  expect(authenticationOf("mtls:spiffe://example.org/local:x")).toEqual(by("mtls", false));
  expect(authenticationOf("somebody/local:operator")).toEqual(by("none", false));
  expect(authenticationOf(undefined)).toEqual(by("none", false));
});

test("what was quarantined is named by a digest that nobody can guess from", () => {
  const value = new TextEncoder().encode('{"password":"hunter2"}');
  const [input] = normaliseWith({ scanner: {} })(recordOf("rekey.in.scanner", value));
  expect(input).toMatchObject({
    outcome: "quarantined",
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const guessed = createHash("sha256").update(value).digest("hex");
  expect(JSON.stringify(input)).not.toContain(guessed);
});
