import type { Hold, Ledger } from "@rekey/domain";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { HoldLost, keepHold } from "./hold.ts";

const hold: Hold = { kind: "rotation", id: "rotation", row: "payments-db", fence: 7 };

type Renew = () => Promise<boolean>;

/** A hold kept against a ledger of which only `renew` is asked. */
const kept = (renew: Renew, heldSinceMs?: number) => {
  const clock = createVirtualClock();
  let asked = 0;
  const ledger = {
    renew: (): Promise<boolean> => {
      asked += 1;
      return renew();
    },
  } as unknown as Ledger;
  const parts = { ledger, clock, newAbort: () => new AbortController() };
  return { clock, asked: () => asked, kept: keepHold(parts, hold, heldSinceMs) };
};

test("a hold is renewed every 5 s under its fence, and calls never outlast it", async () => {
  const world = kept(async () => true);
  expect(world.kept.callDeadlineMs()).toBe(10_000);
  await world.clock.advance(4_900);
  expect(world.kept.callDeadlineMs()).toBe(8_100);
  await world.clock.advance(60_000);
  expect(world.asked()).toBe(12);
  expect(world.kept.signal.aborted).toBe(false);
  world.kept.stop();
  expect(world.clock.pending()).toBe(0);
});

test("time that passed before the claim was answered is not counted as held", async () => {
  const world = kept(async () => true, -6_000);
  expect(world.kept.callDeadlineMs()).toBe(7_000);
  world.kept.stop();
});

test("a refused renewal aborts the step at once", async () => {
  const world = kept(async () => false);
  await world.clock.advance(5_000);
  expect(world.kept.signal.reason).toBeInstanceOf(HoldLost);
  expect(() => world.kept.callDeadlineMs()).toThrow(HoldLost);
  expect(world.clock.pending()).toBe(0);
});

test("a ledger that cannot be reached is asked again until the hold could be over, never longer", async () => {
  const world = kept(() => Promise.reject(new Error("unreachable")));
  await world.clock.advance(12_900);
  expect(world.kept.signal.aborted).toBe(false);
  expect(world.asked()).toBe(8);
  await world.clock.advance(100);
  expect(world.kept.signal.reason).toBeInstanceOf(HoldLost);
  expect(world.clock.pending()).toBe(0);
});

test("a ledger that fails without a promise is no unhandled rejection", async () => {
  const world = kept(() => {
    throw new Error("closed");
  });
  await world.clock.advance(13_000);
  expect(world.kept.signal.aborted).toBe(true);
});

test("a renewal that never answers does not keep a step running", async () => {
  const world = kept(() => new Promise(() => undefined));
  await world.clock.advance(13_000);
  expect(world.kept.signal.aborted).toBe(true);
  expect(world.clock.pending()).toBe(0);
});

test("one answer in time keeps the hold, however many were missing before", async () => {
  let down = true;
  const world = kept(async () => {
    if (down) throw new Error("unreachable");
    return true;
  });
  await world.clock.advance(11_500);
  down = false;
  await world.clock.advance(10_000);
  expect(world.kept.signal.aborted).toBe(false);
  world.kept.stop();
});

test("a turn that stopped hears nothing of a renewal that was under way", async () => {
  let answer: (ours: boolean) => void = () => undefined;
  const world = kept(() => new Promise((resolve) => (answer = resolve)));
  await world.clock.advance(5_000);
  world.kept.stop();
  answer(false);
  await world.clock.advance(60_000);
  expect(world.kept.signal.aborted).toBe(false);
  expect(world.clock.pending()).toBe(0);
});
