import { Fault, openGate, storeGate, type ProviderGate } from "@rekey/domain";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, type SmallWorld, type SmallWorldOptions } from "./small-world.fixture.ts";

/** I12: after the last fault heals everything moves within this. */
const movesWithinMs = 30_000;
/** Doubled at each call, a gate's wait would be minutes long by then. */
const outageMs = 600_000;

const opened = async (options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  const ids = options.credentials?.flatMap(({ id }) => id ?? []) ?? ["main"];
  await deeds.begin(...ids);
  return { world, deeds };
};

const passed = async (world: SmallWorld, milliseconds: number): Promise<void> => {
  const stepMs = 2_000;
  const endsAt = world.clock.now() + milliseconds;
  await world.until(() => world.clock.now() >= endsAt, milliseconds + stepMs, stepMs);
};

/** Looked at, not asked for: asking takes the one call that a half-open gate lets through. */
const gateOf = (world: SmallWorld, name: ProviderGate["issuer"]): ProviderGate =>
  world.ledger.state().tables.gates?.get(name) ?? openGate(name);

/** The store answers nothing until it is given back. */
const storeAway = (
  world: SmallWorld,
  providerCode = "SEALED",
): { readonly back: () => void; asked: number } => {
  const { store } = world.shelf;
  const whole = { ...store };
  const outage = { asked: 0, back: () => void Object.assign(store, whole) };
  const refuse = async (): Promise<never> => {
    outage.asked += 1;
    return await Promise.reject(new Fault("STORE_UNREACHABLE", { providerCode }));
  };
  Object.assign(store, { read: refuse, labels: refuse, stage: refuse, promote: refuse });
  return outage;
};

const toldOf = async ({ ledger }: SmallWorld) => await ledger.auditEvents({ limit: 500 });

const two = [{ id: "main" as never }, { id: "other" as never }];

test("however long a provider was away, what waits for it moves as soon as it is back", async () => {
  const { world, deeds } = await opened({ credentials: two });
  await deeds.wish("other");
  world.provider.away = true;
  await deeds.leak("main#1");
  await passed(world, outageMs);
  expect(gateOf(world, world.provider.issuer.instance).state).not.toBe("open");
  world.provider.away = false;
  await world.until(deeds.allClosed, movesWithinMs);
});

test("a leak that is reported after the provider came back is stopped before the gate's own time", async () => {
  const { world, deeds } = await opened({ credentials: two });
  world.provider.away = true;
  await deeds.wish("other");
  await passed(world, outageMs);
  world.provider.away = false;
  await deeds.leak("main#1");
  await world.until(() => world.provider.accounts.get("main-v1")?.state !== "valid", 2_000, 250);
});

test("a containment asks by itself though the provider wants planned work to wait", async () => {
  const { world, deeds } = await opened({ credentials: two });
  const throttle = async (): Promise<never> =>
    await Promise.reject(new Fault("PROVIDER_THROTTLED", { retryAfterMs: 600_000 }));
  world.provider.disturb = throttle;
  await deeds.wish("other");
  await world.until(async () => (await deeds.active("other"))?.failures === 1);
  const failedAt = world.clock.now();
  const asked: string[] = [];
  world.provider.disturb = async ({ kind, principal }) => {
    asked.push(`${kind} ${principal ?? ""}`);
    return asked.length > 4 ? await Promise.resolve("as asked") : await throttle();
  };
  await deeds.leak("main#1");
  await world.until(() => world.provider.accounts.get("main-v1")?.state !== "valid", 120_000);
  expect(new Set(asked.slice(0, 5))).toEqual(new Set(["suspend main-v1"]));
  expect(world.clock.now() - failedAt).toBeLessThan(120_000);
});

test("a wish for a longer wait is obeyed by planned work, whoever asks in between", async () => {
  const { world, deeds } = await opened();
  const asked: number[] = [];
  world.provider.disturb = async () => {
    asked.push(world.clock.now());
    return await Promise.reject(new Fault("PROVIDER_THROTTLED", { retryAfterMs: 120_000 }));
  };
  await deeds.wish();
  await passed(world, 900_000);
  const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(3);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(120_000);
});

test("however long a store was away, what waits for it moves as soon as it is back", async () => {
  const { world, deeds } = await opened({ credentials: two });
  const outage = storeAway(world);
  await deeds.wish("other");
  await deeds.leak("main#1");
  await passed(world, outageMs);
  expect(gateOf(world, storeGate(world.shelf.store.instance)).state).not.toBe("open");
  outage.back();
  await world.until(deeds.allClosed, movesWithinMs);
  expect(gateOf(world, storeGate(world.shelf.store.instance)).state).toBe("open");
});

test("many rotations that wait for a store ask it no more often than one", async () => {
  const many = Array.from({ length: 20 }, (_, index) => ({ id: `c${index}` as never }));
  const askedBy = async (credentials: typeof many): Promise<number> => {
    const { world, deeds } = await opened({ credentials });
    const outage = storeAway(world);
    for (const { id } of credentials) await deeds.wish(id);
    await passed(world, 30_000);
    const before = outage.asked;
    await passed(world, 120_000);
    return outage.asked - before;
  };
  const byOne = await askedBy(many.slice(0, 1));
  expect(byOne).toBeGreaterThan(15);
  expect(await askedBy(many)).toBeLessThan(1.5 * byOne);
});

/** One rotation waits at `verify`, which needs both, as of when a party is away; the other party's gate was shut by calls long over. */
const waitsAtVerify = async (away: "provider" | "store", beside: readonly string[] = ["other"]) => {
  const { world, deeds } = await opened({ credentials: two });
  const leave = (): void =>
    void (away === "store" ? storeAway(world) : (world.provider.away = true));
  world.at = (place) => {
    if (place === "verify.before-effect") leave();
  };
  await deeds.wish("main");
  await world.until(async () => (await deeds.active("main"))?.open?.key === "verify#2");
  for (const id of beside) await deeds.wish(id);
  await passed(world, 60_000);
  const ofStore = storeGate(world.shelf.store.instance);
  const well = away === "store" ? world.provider.issuer.instance : ofStore;
  for (const _failure of [1, 2, 3])
    await world.ledger.reportGate({ issuer: well, ok: false, jitter: 0.5 });
  return { world, well };
};

test.each(["store", "provider"] as const)(
  "while the %s is away nobody who does not make it keeps the other party's one call",
  async (away) => {
    const { world, well } = await waitsAtVerify(away);
    const keeps: number[] = [];
    for (let look = 0; look < 200; look += 1) {
      await passed(world, 2_000);
      if (gateOf(world, well).state === "half-open") keeps.push(look);
    }
    expect(keeps).toEqual([]);
  },
);

test("a provider that answered in a step that the store then failed has an open gate", async () => {
  const { world, well } = await waitsAtVerify("store", []);
  await world.until(() => gateOf(world, well).state === "open", movesWithinMs);
});

test("proofs whose tries had no answer go on soon after the provider answers", async () => {
  const { world, deeds } = await opened();
  const { issuer } = world.provider;
  const probe: typeof issuer.probe = async (...asked) => await answering.probe(...asked);
  const answering = { ...issuer };
  const unanswered: typeof probe = async (_material, vantage) =>
    await Promise.resolve({ answer: "unknown", strength: "weak", code: "ECONNREFUSED", vantage });
  world.at = (place) => {
    if (place === "prove.before-effect") Object.assign(issuer, { probe: unanswered });
  };
  await deeds.wish();
  await passed(world, outageMs);
  expect((await deeds.active())?.open?.key).toBe("prove#1");
  world.at = () => undefined;
  Object.assign(issuer, { probe });
  await world.until(deeds.allClosed, movesWithinMs);
});

test("while the store is away people read that a leaked version was suspended, and not that it was contained", async () => {
  const { world, deeds } = await opened();
  const outage = storeAway(world);
  await deeds.leak("main#1");
  await world.settle();
  const [leaked] = await deeds.versions();
  expect(leaked).toMatchObject({ life: "suspended" });
  expect(leaked?.suspendedAt).toBeDefined();
  expect(leaked?.containedAt).toBe(undefined);
  const told = await toldOf(world);
  expect(told.find(({ type }) => type === "version.suspended")?.reason).toBe(
    "suspended, not tried yet: the store is away",
  );
  expect(told.map(({ type }) => type)).not.toContain("version.contained");
  outage.back();
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]).toMatchObject({ life: "revoked" });
  expect((await deeds.versions())[0]?.containedAt).toBeDefined();
});

test("what leaked and is not contained at the third attempt wakes somebody, with the provider's name and its word", async () => {
  const { world, deeds } = await opened();
  const outage = storeAway(world);
  await deeds.leak("main#1");
  await world.until(() => world.notices.length > 0, 60_000);
  expect(world.notices).toMatchObject([{ to: "on-call", urgency: "page", about: "main" }]);
  expect(world.notices[0]?.text).toMatch(/^the store does not answer \(store shelf, SEALED\): /);
  outage.back();
});

test("planned work that meets an outage wakes nobody", async () => {
  const { world, deeds } = await opened();
  storeAway(world);
  await deeds.wish();
  await world.until(() => world.notices.length > 0, 60_000);
  expect(world.notices).toMatchObject([{ urgency: "today" }]);
});

test("where the store refuses Rekey's own login, nothing halts, and people read what to look at", async () => {
  const { world, deeds } = await opened();
  const outage = storeAway(world, "LOGIN_LOCKED");
  await deeds.wish();
  await world.until(() => world.notices.length > 0, 60_000);
  expect(world.notices[0]?.text).toMatch(
    /^Rekey's own login is locked \(store shelf, LOGIN_LOCKED\): .*sys\/locked-users/,
  );
  expect((await deeds.active())?.state).not.toBe("halted");
  outage.back();
  await world.until(deeds.allClosed, movesWithinMs);
});
