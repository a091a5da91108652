import { Fault, type BreakerRequest, type Ledger, type PreparedProbe } from "@rekey/domain";
import { takeBatch } from "@rekey/engine";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { receivedIn } from "./received.fixture.ts";
import { openSmallWorld, operator, type SmallWorld } from "./small-world.fixture.ts";

test("a store that is away delays no stop of what leaked, and the try follows when it is back", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  const { store } = world.shelf;
  const before = { ...store };
  const read: typeof store.read = async (...asked) => await before.read(...asked);
  const away = async (): Promise<never> => await Promise.reject(new Fault("STORE_UNREACHABLE"));
  Object.assign(store, { read: away });
  await deeds.leak("main#1");
  await world.settle();
  expect(world.provider.accounts.get("main-v1")?.state).toBe("suspended");
  expect((await deeds.versions())[0]?.containedAt).toBe(undefined);
  Object.assign(store, { read });
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]).toMatchObject({ life: "revoked" });
  expect((await deeds.versions())[0]?.containedAt).toBeDefined();
});

test("the commit that takes a leak in books its containment: it is booked once, and asked for once", async () => {
  const asked: BreakerRequest[] = [];
  const world = await openSmallWorld({
    between: (ledger) => ({
      ...ledger,
      reserve: async (hold, request) => {
        asked.push(request);
        return await ledger.reserve(hold, request);
      },
    }),
  });
  const deeds = deedsOf(world);
  await deeds.begin();
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  expect(asked.filter(({ reservation }) => reservation.kind === "containment")).toEqual([]);
  const booked = [...(world.ledger.state().tables.reservations?.values() ?? [])];
  expect(booked.filter(({ kind }) => kind === "containment")).toHaveLength(1);
});

/** Everything that workers ask of the ledger and of the provider, in order. */
const followed = <Port extends object>(port: Port, told: string[]): Port =>
  new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...asked: unknown[]): unknown => {
        told.push(String(name));
        return Reflect.apply(member, target, asked);
      };
    },
  });

test("from the commit that takes a leak in to its stop nothing is asked of the ledger", async () => {
  const told: string[] = [];
  const world = await openSmallWorld({ between: (ledger) => followed(ledger, told) });
  const deeds = deedsOf(world);
  await deeds.begin();
  world.provider.disturb = async ({ kind }) => {
    if (kind === "suspend") told.push("the stop");
    return await Promise.resolve("as asked");
  };
  await deeds.leak("main#1");
  const admitted = told.lastIndexOf("admit");
  expect(told.slice(admitted, admitted + 2)).toEqual(["admit", "the stop"]);
});

/** A provider at which tries can begin; tells when they begin, end and are left. */
const beginning = (world: SmallWorld, told: string[]): void => {
  const { issuer } = world.provider;
  Object.assign(issuer, {
    prepareProbe: (...[material, vantage]: Parameters<typeof issuer.probe>): PreparedProbe => {
      told.push("begun");
      return {
        finish: async (call) => {
          told.push(`ended, ${world.provider.accounts.get("main-v1")?.state}`);
          return await issuer.probe(material, vantage, call);
        },
        drop: () => void told.push("left"),
      };
    },
  });
};

test("the try of what leaked begins while it is stopped, and ends after the stop", async () => {
  const told: string[] = [];
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  beginning(world, told);
  await deeds.leak("main#1");
  expect(told).toEqual(["begun", "ended, suspended", "left"]);
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]).toMatchObject({ life: "revoked" });
});

/** As intake takes a leak in, with its commit as `admit` makes it. */
const taken = async (world: SmallWorld, admit: Ledger["admit"]): Promise<void> => {
  const locators = [{ scheme: "rekey", value: "main#1" }];
  const leak = { kind: "exposure", effect: "expose", locators, confidence: "valid" } as const;
  const received = await receivedIn(world.parts, leak);
  const started: Promise<void>[] = [];
  const parts = {
    ...world.parts,
    ledger: { ...world.ledger, admit },
    normalise: () => [received],
    beside: (work: () => Promise<void>) => void started.push(work()),
  };
  const record = { offset: 0n, key: "", headers: {}, value: new Uint8Array() };
  const place = { topic: "rekey.in.scanner", partition: 0 };
  const batch = { ...place, records: [{ ...place, ...record }] };
  const taking = takeBatch(parts, batch).then(async () => await Promise.all(started));
  await world.during(taking);
};

test("what leaked is read, and its try begins, while the commit that intends its stop is under way", async () => {
  const told: string[] = [];
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  beginning(world, told);
  await taken(world, async (request) => {
    const answers = await world.ledger.admit(request);
    await world.clock.sleep(1);
    told.push("committed");
    return answers;
  });
  expect(told.slice(0, 3)).toEqual(["begun", "committed", "ended, suspended"]);
  expect(told.filter((word) => word === "begun")).toHaveLength(1);
  expect(told.at(-1)).toBe("left");
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]).toMatchObject({ life: "revoked" });
});

test("a commit that fails leaves the try that it began, and stops nothing", async () => {
  const told: string[] = [];
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  beginning(world, told);
  const failing = taken(world, async (request) => {
    await world.ledger.admit(request);
    await world.clock.sleep(1);
    throw new Fault("LEDGER_UNREACHABLE", { unknownOutcome: true });
  });
  await expect(failing).rejects.toMatchObject({ code: "LEDGER_UNREACHABLE" });
  expect(told).toEqual(["begun", "left"]);
  expect(world.provider.accounts.get("main-v1")?.state).toBe("valid");
});

test("nothing begins before its commit stands at a provider whose gate is closed", async () => {
  const told: string[] = [];
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  beginning(world, told);
  const { instance: issuer } = world.provider.issuer;
  for (let failure = 0; failure < 20; failure += 1)
    await world.ledger.reportGate({ issuer, ok: false, jitter: 0 });
  expect((await world.ledger.gate({ issuer, contains: false })).gate.state).not.toBe("open");
  await taken(world, async (request) => {
    const answers = await world.ledger.admit(request);
    await world.clock.sleep(1);
    told.push("committed");
    return answers;
  });
  expect(told[0]).toBe("committed");
});

test("a try that began is left where the stop fails, even when it begins later", async () => {
  const told: string[] = [];
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  beginning(world, told);
  world.provider.disturb = async ({ kind }) =>
    await Promise.resolve(kind === "suspend" ? ("fail before" as const) : ("as asked" as const));
  await deeds.leak("main#1");
  expect(told).toContain("left");
  expect(told.filter((word) => word.startsWith("ended"))).toEqual([]);
});

test("a pause that comes while the commit of a leak is slow stops its containment", async () => {
  const world = await openSmallWorld({
    between: (ledger) => ({
      ...ledger,
      admit: async (request) => {
        const answers = await ledger.admit(request);
        const urgent = answers[0]?.urgent;
        const claim = urgent && (await ledger.heldRotation(urgent));
        if (claim === undefined) return answers;
        await ledger.setPause({ pause: { paused: true, all: true }, actor: operator });
        await world.parts.clock.sleep(8_000);
        return answers.map((answer) => ({ ...answer, claim }));
      },
    }),
  });
  const deeds = deedsOf(world);
  await deeds.begin();
  await deeds.leak("main#1");
  expect(world.provider.accounts.get("main-v1")?.state).toBe("valid");
  expect((await deeds.active())?.state).toMatchObject({ at: "waiting", for: "person" });
});
