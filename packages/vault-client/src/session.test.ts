import { createVirtualClock, eventually, type VirtualClock } from "@rekey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VaultClient } from "./client.ts";
import { call, errorOfCall, clientOf, roleAuth } from "./client.fixture.ts";
import { openFakePlace, type FakePlace } from "./fake-place.fixture.ts";
import { createOwnLogins } from "./own-logins.ts";
import { vaultPath } from "./path.ts";

const path = vaultPath`secret/data/team/app`;
const policy = 'path "secret/data/team/*" { capabilities = ["create", "read", "update"] }';
const ttlSeconds = 600;

let place: FakePlace;
let client: VaultClient;
let clock: VirtualClock;
let secretId: string;
const count = (request: string): number =>
  place.fake.requests.filter((one) => one === request).length;
/** Nothing is under way: what is left is the timer of the next renewal. Time stands still until then. */
const settled = (wanted: () => boolean): Promise<true> =>
  eventually(() => wanted() && clock.pending() === 1);
const login = "POST auth/approle/login";
const renewal = "POST auth/token/renew-self";

beforeEach(async () => {
  place = await openFakePlace();
  const made = await place.makeRole({ policy, ttlSeconds });
  ({ secretId } = made);
  clock = createVirtualClock();
  client = clientOf(place, { auth: roleAuth(made.roleId), secret: () => secretId, clock });
});
afterEach(async () => {
  await client.close();
  expect(clock.pending()).toBe(0);
  await place.close();
});

it("a token is renewed when a third of its life is left, again and again", async () => {
  await client.read(path, call);
  await clock.advance(399_000);
  expect(count(renewal)).toBe(0);
  await clock.advance(1_000);
  await settled(() => count(renewal) === 1);
  for (const renewals of [2, 3]) {
    await clock.advance(400_000);
    await settled(() => count(renewal) === renewals);
    await client.read(path, call);
  }
  expect(count(login)).toBe(1);
});

it("a token that can hardly be renewed any more is replaced by a login", async () => {
  place.role().maxMs = 700_000;
  await client.read(path, call);
  const [token] = place.fake.core.tokens.all().filter(({ policies }) => !policies.includes("root"));
  // The fake's own time stands still: near the longest life a renewal gives little.
  if (token !== undefined) Object.assign(token, { maxMs: 150_000 });
  await clock.advance(400_000);
  await settled(() => count(login) === 2);
  expect(count(renewal)).toBe(1);
});

it("a renewal that fails ends in a login, and one that fails too is tried again in time", async () => {
  await client.read(path, call);
  for (const on of [renewal, login]) place.fake.trouble({ on, how: { lose: true } });
  await clock.advance(400_000);
  await settled(() => count(login) === 2);
  await clock.advance(5_000);
  await settled(() => count(renewal) === 2);
  await client.read(path, call);
});

it("a token whose end was slept through is not sent", async () => {
  await client.read(path, call);
  const token = place.fake.headers.at(-1)?.["x-vault-token"];
  for (const on of [renewal, login]) place.fake.trouble({ on, how: { lose: true } });
  await clock.advance(ttlSeconds * 1_000 + 1);
  await eventually(async () => (await client.read(path, call)).status === 404);
  expect(place.fake.requests.at(-1)).toBe("GET secret/data/team/app");
  expect(place.fake.headers.at(-1)?.["x-vault-token"]).not.toBe(token);
});

it("one who gives up does not end the login that others wait for", async () => {
  const late = Promise.withResolvers<void>();
  place.fake.trouble({ on: login, how: { late: late.promise } });
  const abort = new AbortController();
  const impatient = errorOfCall(client.read(path, { ...call, signal: abort.signal }));
  const patient = client.read(path, call);
  await eventually(() => count(login) === 1);
  abort.abort();
  expect(await impatient).toMatchObject({ kind: "timeout", providerCode: "ABORTED" });
  late.resolve();
  expect(await patient).toMatchObject({ found: false });
  expect(count(login)).toBe(1);
});

it("a secret id that was changed in its file is used by the next login", async () => {
  await client.read(path, call);
  place.role().secretIds.clear();
  place.role().secretIds.add("the next one");
  for (const { id, policies } of place.fake.core.tokens.all()) {
    if (!policies.includes("root")) place.fake.core.tokens.revoke(id);
  }
  expect(await errorOfCall(client.read(path, call))).toMatchObject({
    providerCode: "LOGIN_REFUSED",
  });
  secretId = "the next one";
  expect(await client.read(path, call)).toMatchObject({ found: false });
});

describe("a wrong secret id", () => {
  const wrong = () => errorOfCall(client.read(path, call));

  it("is tried once by all who ask at once, and again after a pause that grows to 15 s", async () => {
    secretId = "wrong";
    const refused = { kind: "dead-token", providerCode: "LOGIN_REFUSED" };
    for (const error of await Promise.all([wrong(), wrong(), wrong()]))
      expect(error).toMatchObject(refused);
    for (const [index, pauseMs] of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000].entries()) {
      await clock.advance(pauseMs - 1);
      // Whether Vault said that it is refused, or locked by then.
      expect(await wrong()).toMatchObject({ kind: "dead-token" });
      expect(count(login)).toBe(index + 1);
      await clock.advance(1);
      expect(await wrong()).toMatchObject({ kind: "dead-token" });
      expect(count(login)).toBe(index + 2);
    }
  });

  it("that is replaced is tried at once, and forgotten when it is let in", async () => {
    const right = secretId;
    secretId = "wrong";
    expect(await wrong()).toMatchObject({ providerCode: "LOGIN_REFUSED" });
    secretId = "wrong too";
    expect(await wrong()).toMatchObject({ providerCode: "LOGIN_REFUSED" });
    secretId = right;
    expect(await client.read(path, call)).toMatchObject({ found: false });
    expect(count(login)).toBe(3);
  });

  it("is tried once by several clients that share their logins", async () => {
    const auth = roleAuth(place.role().roleId);
    const ownLogins = createOwnLogins(clock);
    const clients = [1, 2, 3].map(() =>
      clientOf(place, { auth, secret: () => secretId, clock, ownLogins }),
    );
    const right = secretId;
    secretId = "wrong";
    const errors = clients.map(async (one) => await errorOfCall(one.read(path, call)));
    for (const error of await Promise.all(errors))
      expect(error).toMatchObject({ providerCode: "LOGIN_REFUSED" });
    expect(count(login)).toBe(1);
    secretId = right;
    await Promise.all(clients.map(async (one) => await one.read(path, call)));
    expect(count(login)).toBe(1 + clients.length);
    await Promise.all(clients.map(async (one) => await one.close()));
  });

  it("is no reason to wait for who did not get an answer at all", async () => {
    place.fake.trouble({ on: login, how: { lose: true } });
    expect(await wrong()).toMatchObject({ kind: "unreachable" });
    expect(await client.read(path, call)).toMatchObject({ found: false });
  });
});

it("a given token is read again when Vault refuses it, and never ended", async () => {
  const { tokens } = place.fake.core;
  const [first, next] = [1, 2].map(() => tokens.create({ policies: ["root"], ttlMs: 0 }));
  let given = first?.id ?? "";
  const byToken = clientOf(place, { secret: () => given });
  await byToken.read(path, call);
  tokens.revoke(given);
  expect(await errorOfCall(byToken.read(path, call))).toMatchObject({ kind: "dead-token" });
  given = next?.id ?? "";
  expect(await byToken.read(path, call)).toMatchObject({ found: false });
  await byToken.close();
  expect(tokens.find(given)).toBeDefined();
});

it("closing does not wait for a login that never answers", async () => {
  const late = Promise.withResolvers<void>();
  place.fake.trouble({ on: login, how: { late: late.promise } });
  const reading = errorOfCall(client.read(path, call));
  await eventually(() => count(login) === 1);
  const closing = client.close();
  await clock.advance(2_000);
  await closing;
  expect(await reading).toMatchObject({ kind: "timeout", providerCode: "ABORTED" });
  late.resolve();
});

it("closing while a login is under way ends its token too", async () => {
  const late = Promise.withResolvers<void>();
  place.fake.trouble({ on: login, how: { late: late.promise } });
  const reading = client.read(path, call).catch(() => {});
  await eventually(() => count(login) === 1);
  const closing = client.close();
  late.resolve();
  await Promise.all([closing, reading]);
  expect(count(login)).toBe(1);
  expect(place.fake.core.tokens.all()).toHaveLength(1);
});
