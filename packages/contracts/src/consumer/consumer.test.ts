import { readFileSync } from "node:fs";
import { isRefusal, type Announcement } from "@rekey/domain";
import { SignJWT, exportJWK, generateKeyPair, type JWK } from "jose";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { encodeCloudEvent, recordKeyOf, structuredContentType } from "../cloudevents/encode.ts";
import { announcementSchema, announcementWire, type AnnouncementWire } from "./announcement.ts";
import { acknowledgementType, heartbeatType } from "./claims.ts";
import { consumerRoutes } from "./consumer-routes.ts";
import { decodeStatement, statementEvent } from "./statement-event.ts";
import { claimedConsumer, verifyAcknowledgement, verifyHeartbeat } from "./verify.ts";

const now = Date.UTC(2026, 2, 2, 12);
const claims = {
  iss: "payments-api",
  instance: "payments-api-7d9f",
  credential: "payments-db",
  version: 3,
  sequence: 17,
  iat: now / 1_000,
  jti: "01977a3e-5b5e-7c1a-8f53-0d3c6a1b2c4d",
};

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Pair;
let stranger: Pair;
let publicJwk: JWK & Record<string, unknown>;
beforeAll(async () => {
  own = await generateKeyPair("EdDSA", { extractable: true });
  stranger = await generateKeyPair("EdDSA");
  publicJwk = { ...(await exportJWK(own.publicKey)) };
});
const sign = (payload: Record<string, unknown>, typ = acknowledgementType, by = own) =>
  new SignJWT(payload).setProtectedHeader({ alg: "EdDSA", typ }).sign(by.privateKey);
const verify = async (jws: string, at = now) => verifyAcknowledgement(jws, publicJwk, at);

describe("an acknowledgement", () => {
  it("signed by the consumer's key is believed, with all it says", async () => {
    expect(await verify(await sign(claims))).toEqual(claims);
    const { sequence: _, ...unannounced } = claims;
    expect(await verify(await sign(unannounced))).toEqual(unannounced);
  });

  it("signed by another key, changed on the way or cut off is refused", async () => {
    const good = await sign(claims);
    const [head, , tail] = good.split(".");
    const other = Buffer.from(JSON.stringify({ ...claims, version: 4 })).toString("base64url");
    const forged = [
      await sign(claims, acknowledgementType, stranger),
      `${head}.${other}.${tail}`,
      `${head}.${other}.`,
      "x",
    ];
    for (const jws of forged) expect(isRefusal(await verify(jws))).toBe(true);
  });

  it("without a signature is refused, whatever algorithm it names", async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${part({ alg: "none", typ: acknowledgementType })}.${part(claims)}.`;
    expect(isRefusal(await verify(none))).toBe(true);
  });

  it("is not a heartbeat, nor the other way round", async () => {
    expect(isRefusal(await verify(await sign(claims, heartbeatType)))).toBe(true);
    expect(isRefusal(await verifyHeartbeat(await sign(claims), publicJwk, now))).toBe(true);
    const { sequence: _, ...alive } = claims;
    const heartbeat = await sign(alive, heartbeatType);
    expect(await verifyHeartbeat(heartbeat, publicJwk, now)).toEqual(alive);
  });
});

describe("an acknowledgement's claims", () => {
  it("hold with a clock ten minutes off, and not when they are old ones sent again", async () => {
    const minute = 60_000;
    const jws = await sign(claims);
    for (const skew of [-10, 10])
      expect(isRefusal(await verify(jws, now + skew * minute))).toBe(false);
    for (const skew of [-11, 26])
      expect(isRefusal(await verify(jws, now + skew * minute))).toBe(true);
  });

  it("are refused when one is missing or of another kind, without repeating it", async () => {
    for (const change of [
      { version: 0 },
      { version: "3" },
      { jti: "again" },
      { credential: "../x" },
      { instance: undefined },
    ]) {
      const refused = await verify(await sign({ ...claims, ...change }));
      expect(isRefusal(refused) && refused.refused).toBe("INVALID");
      expect(JSON.stringify(refused)).not.toContain("../x");
    }
  });

  it("never verify against a private key", async () => {
    const privateJwk = { ...(await exportJWK(own.privateKey)) };
    expect(await verifyAcknowledgement(await sign(claims), privateJwk, now)).toMatchObject({
      reason: "the key is no public Ed25519 key",
    });
  });

  it("name the consumer before anything is proven", async () => {
    expect(claimedConsumer(await sign(claims))).toBe("payments-api");
    for (const jws of ["", "a.b.c", "x".repeat(5_000)])
      expect(claimedConsumer(jws)).toBeUndefined();
  });
});

describe("a statement on a topic", () => {
  const bytes = readFileSync(new URL("fixtures/rekey.credential.moved.v1.json", import.meta.url));
  const fixture = { headers: { "content-type": structuredContentType }, value: bytes };
  // Of the pair that signed the fixture; the private half was thrown away.
  const signedBy = { kty: "OKP", crv: "Ed25519", x: "HM6rcEG-_SS25LotF6GzK08Z5ALuRzfbbqIiIWHnixM" };

  it("is the fixture, there and back, and holds for whoever has the key", async () => {
    const statement = decodeStatement(fixture).value;
    if (statement === undefined) throw new Error("the fixture is no statement");
    expect(await verifyAcknowledgement(statement.jws, signedBy, now)).toEqual(claims);
    const event = statementEvent(statement);
    expect(event).toEqual(decodeCloudEvent(fixture).value);
    expect(recordKeyOf(event)).toBe("payments-db");
  });

  it("is read in either kind, and named by what it says", async () => {
    const { version: _, sequence: __, ...alive } = claims;
    for (const type of [acknowledgementType, heartbeatType] as const) {
      const jws = await sign(type === acknowledgementType ? claims : alive, type);
      const record = encodeCloudEvent(statementEvent({ type, jws }));
      expect(decodeStatement(record)).toEqual({ value: { type, jws } });
    }
  });

  it("that is none is a problem with its place, and is not repeated", async () => {
    const event = statementEvent({ type: acknowledgementType, jws: await sign(claims) });
    const told = (change: object) =>
      decodeStatement(encodeCloudEvent({ ...event, ...change })).problems?.map(({ path }) => path);
    expect(told({ type: "rekey.credential.moved.v2" })).toEqual(["type"]);
    expect(told({ data: {} })).toEqual(["data.jws"]);
    expect(told({ data: { jws: "hunter2" } })).toEqual(["data.jws"]);
    expect(told({ data: { jws: `${"x".repeat(5_000)}` } })).toEqual(["data.jws"]);
    expect(told({ data: { ...(event.data as object), hunter2: 1 } })).toEqual([
      "data.[unknown key 2]",
    ]);
    const value = new TextEncoder().encode("hunter2");
    const garbage = decodeStatement({ headers: {}, value });
    expect(garbage.problems).toHaveLength(1);
    expect(JSON.stringify(garbage)).not.toContain("hunter2");
  });
});

describe("an announcement", () => {
  it("is the domain's announcement, there and back", () => {
    expectTypeOf<Omit<z.output<typeof announcementSchema>, "type">>().toEqualTypeOf<Announcement>();
    const { type: _, ...announcement } = announcementSchema.parse(example);
    expect(announcementWire(announcement)).toEqual(example);
  });

  const example = consumerRoutes.announcements.example.reply.announcements[0] as AnnouncementWire;
});

describe("the routes of consumers", () => {
  it("accept and answer their examples", () => {
    for (const { body, reply, example } of Object.values(consumerRoutes)) {
      expect(reply.safeParse(example.reply).error).toBeUndefined();
      expect(body.safeParse("body" in example ? example.body : {}).error).toBeUndefined();
    }
  });
});
