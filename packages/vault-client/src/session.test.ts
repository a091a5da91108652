import { createVirtualClock, eventually, type VirtualClock } from "@rekey/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { VaultClient } from "./client.ts";
import { call, clientOf, roleAuth } from "./client.fixture.ts";
import { errorOfCall } from "./client.suite.ts";
import { openFakePlace, type FakePlace } from "./fake-place.fixture.ts";
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
