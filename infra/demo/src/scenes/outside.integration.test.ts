import { afterAll, beforeAll, expect, test } from "vitest";
import { createClaims } from "../claims.ts";
import { openShop, type Shop } from "../target/shop.fixture.ts";
import { claimAlive, claimDead, type HeldValue } from "./outside.ts";

let shop: Shop;
let alive: HeldValue;
let dead: HeldValue;
beforeAll(async () => {
  shop = await openShop();
  alive = { url: await shop.addRole("alive_1"), version: 1 };
  dead = { url: await shop.addRole("dead_1"), version: 1 };
  await shop.suspend("dead_1");
}, 60_000);
afterAll(() => shop.close());

const tried = async (old: HeldValue, control: HeldValue) => {
  const claims = createClaims({ verdict: () => undefined });
  const probe = await claimDead({ claims }, { name: "it", old, control });
  return { probe, ok: claims.all.map((claim) => claim.ok) };
};

test("a password that is refused beside one that works is dead", async () => {
  expect(await tried(dead, alive)).toEqual({ probe: "dead", ok: [true] });
});

test("a password that still works fails the claim", async () => {
  expect(await tried(alive, alive)).toEqual({ probe: "alive", ok: [false] });
});

test("a refusal proves nothing where the control is refused as well", async () => {
  expect((await tried(dead, dead)).ok).toEqual([false]);
});

test("a server that does not answer proves nothing", async () => {
  const away = { url: shop.url("dead_1", { port: 1 }), version: 1 };
  expect(await tried(away, alive)).toEqual({ probe: "unknown", ok: [false] });
});

test("a new password that is refused fails its claim", async () => {
  const claims = createClaims({ verdict: () => undefined });
  await claimAlive({ claims }, { name: "it", value: dead });
  await claimAlive({ claims }, { name: "it", value: alive });
  expect(claims.all.map(({ ok }) => ok)).toEqual([false, true]);
});
