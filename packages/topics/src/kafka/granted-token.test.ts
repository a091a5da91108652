import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fixedSource, silentLog } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { eventually } from "@rekey/testkit";
import { afterEach, expect, test } from "vitest";
import { gate } from "../suite/world.suite.ts";
import { forgetSecrets } from "./connect.ts";
import { grantedToken } from "./granted-token.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
};

/** A token server that names its tokens by number; `hold` is waited for before each answer. */
const tokenServer = async (hold: Promise<void> = Promise.resolve()) => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    void text(request).then(async (form) => {
      const place = asked.push(form);
      await hold;
      response.end(JSON.stringify({ access_token: `token ${place}`, expires_in: 300 }));
    });
  });
  return { asked, url };
};

const clock = () => {
  let now = 0;
  return { monotonicMs: () => now, pass: (milliseconds: number) => void (now += milliseconds) };
};

const secretText = "kept to itself";
const grantAt = (url: string) => ({
  url,
  clientId: "rekey",
  scope: "kafka",
  clientSecret: fixedSource(secretText),
});
const isToken = (token: Secret, place: number): boolean =>
  token.equals(Secret.fromUtf8(`token ${place}`));

test("a token is asked for once, and again shortly before it ends", async () => {
  const time = clock();
  const { asked, url } = await tokenServer();
  const token = grantedToken({ ...grantAt(url), monotonicMs: time.monotonicMs });
  const [one, again] = [await token.read(), await token.read()];
  expect(one).toBe(again);
  time.pass(241_000);
  expect(isToken(await token.read(), 2)).toBe(true);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toBe(
    "grant_type=client_credentials&client_id=rekey&client_secret=kept+to+itself&scope=kafka",
  );
});

test("connections that open at once share one request", async () => {
  const hold = gate();
  const { asked, url } = await tokenServer(hold.opened);
  const token = grantedToken(grantAt(url));
  const reading = Promise.all(Array.from({ length: 10 }, () => token.read()));
  await eventually(() => asked.length > 0);
  hold.open();
  expect(new Set(await reading).size).toBe(1);
  expect(asked).toHaveLength(1);
});

test("a token that a broker refused is forgotten, and a new one is asked for", async () => {
  const { url } = await tokenServer();
  const token = grantedToken(grantAt(url));
  expect(isToken(await token.read(), 1)).toBe(true);
  const sasl = { mechanism: "oauthbearer" as const, token };
  forgetSecrets({ brokers: [], clientId: "c", log: silentLog, sasl });
  expect(isToken(await token.read(), 2)).toBe(true);
});

const refusing =
  (status: number, text: string): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(text);

const answers: Readonly<Record<string, readonly [RequestListener, string]>> = {
  "a broken server": [refusing(503, `{"error":"invalid_client"}`), "TOKEN_503"],
  "no such place": [refusing(404, `no ${secretText} here`), "TOKEN_404"],
  "words of its own": [refusing(400, `{"error":"${secretText}"}`), "TOKEN_400"],
  "no JSON": [(_, response) => void response.end("<html>"), "TOKEN_UNREADABLE"],
  "no token": [(_, response) => void response.end('{"expires_in":3}'), "TOKEN_UNREADABLE"],
  "a reply that is cut off": [
    (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"access', () => response.destroy());
    },
    "TOKEN_CUT_OFF",
  ],
};

test.each(Object.entries(answers))(
  "%s is a fault that says no more than its code",
  async (_name, [listener, providerCode]) => {
    const token = grantedToken(grantAt(await serve(listener)));
    const fault = token.read();
    await expect(fault).rejects.toMatchObject({ code: "TOPICS_UNREACHABLE", providerCode });
    expect(JSON.stringify(await fault.catch(String))).not.toContain(secretText);
  },
);

test.each([
  [400, `{"error":"invalid_client","error_description":"${secretText}"}`, "TOKEN_INVALID_CLIENT"],
  [401, `client ${secretText} is wrong`, "TOKEN_INVALID_CLIENT"],
  [400, `{"error":"invalid_scope"}`, "TOKEN_INVALID_SCOPE"],
  [400, `{"error":"invalid_target"}`, "TOKEN_INVALID_TARGET"],
  [400, `{"error":"invalid_request"}`, "TOKEN_INVALID_REQUEST"],
  [400, `{"error":"unauthorized_client"}`, "TOKEN_UNAUTHORIZED_CLIENT"],
  [400, `{"error":"unsupported_grant_type"}`, "TOKEN_UNSUPPORTED_GRANT"],
  [403, "<html>", "TOKEN_UNAUTHORIZED_CLIENT"],
] as const)(
  "status %i and %s are a refusal that a person mends; the secret is read again",
  async (status, text, providerCode) => {
    let forgotten = 0;
    const clientSecret = { ...fixedSource(secretText), invalidate: () => void (forgotten += 1) };
    const url = await serve(refusing(status, text));
    const fault = grantedToken({ ...grantAt(url), clientSecret }).read();
    await expect(fault).rejects.toMatchObject({ code: "TOPIC_REJECTED", providerCode });
    expect(JSON.stringify(await fault.catch(String))).not.toContain(secretText);
    expect(forgotten).toBe(1);
  },
);

test("whom the token is for is asked where it is configured", async () => {
  const { asked, url } = await tokenServer();
  await grantedToken({ ...grantAt(url), resource: "urn:brokers" }).read();
  expect(asked[0]).toMatch(/&scope=kafka&resource=urn%3Abrokers$/);
});

test("a reply without an end is left at its bound", async () => {
  const left = gate();
  let written = 0;
  const url = await serve((_, response) => {
    response.once("close", () => left.open());
    const more = (): void => {
      written += 16_384;
      response.write("x".repeat(16_384), (error) => void (error ?? more()));
    };
    more();
  });
  const reading = grantedToken(grantAt(url)).read();
  await expect(reading).rejects.toMatchObject({ providerCode: "TOKEN_OVERSIZED" });
  await left.opened;
  expect(written).toBeGreaterThan(0);
});

test.each([
  ["headers", () => undefined],
  ["body", (_, response) => void response.write("{")],
] as readonly (readonly [string, RequestListener])[])(
  "a reply that is late with its %s is told by code",
  async (_name, listener) => {
    const token = grantedToken({ ...grantAt(await serve(listener)), askMs: 100 });
    await expect(token.read()).rejects.toMatchObject({
      code: "TOPICS_UNREACHABLE",
      providerCode: "TOKEN_LATE",
    });
  },
);

test("a failure is not kept: the next read asks again", async () => {
  let isUp = false;
  const url = await serve((_, response) => {
    if (!isUp) return void response.writeHead(503).end();
    response.end('{"access_token":"t"}');
  });
  const token = grantedToken(grantAt(url));
  await expect(token.read()).rejects.toMatchObject({ providerCode: "TOKEN_503" });
  isUp = true;
  await token.read();
});
