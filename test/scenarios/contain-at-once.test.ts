import { Fault, type BreakerRequest } from "@rekey/domain";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld } from "./small-world.fixture.ts";

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
