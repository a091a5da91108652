import type { Admitted, Ledger } from "@rekey/domain";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import type { Bells } from "../loops/bells.ts";
import { ringingLedger } from "./ringing-ledger.ts";

const counting = () => {
  const rings = { outbox: 0, due: 0, urgent: 0 };
  const bell = (name: keyof typeof rings) => ({
    ring: () => void (rings[name] += 1),
    wait: async () => {},
  });
  const bells: Bells = { outbox: bell("outbox"), due: bell("due"), urgent: bell("urgent") };
  return { rings, bells };
};

const admitting = (...admitted: readonly Partial<Admitted>[]) => {
  const clock = createVirtualClock();
  const { rings, bells } = counting();
  const ledger = { admit: async () => await Promise.resolve(admitted) } as unknown as Ledger;
  const ringing = ringingLedger(ledger, bells, clock);
  const admit = async (): Promise<unknown> =>
    await ringing.admit({ signals: [], capabilities: {}, worker: "test" });
  return { admit, rings, clock };
};

test("a commit rings every bell at once", async () => {
  const { admit, rings, clock } = admitting({ outcome: "noted" });
  await admit();
  expect(rings).toEqual({ outbox: 1, due: 1, urgent: 1 });
  expect(clock.pending()).toBe(0);
});

test("what a leak's commit leaves to others waits until its containment had the process for itself", async () => {
  const { admit, rings, clock } = admitting(
    { outcome: "noted" },
    { outcome: "opened", urgent: {} as NonNullable<Admitted["urgent"]> },
  );
  await admit();
  await clock.advance(20);
  expect(rings).toEqual({ outbox: 0, due: 0, urgent: 0 });
  await clock.advance(10);
  expect(rings).toEqual({ outbox: 1, due: 1, urgent: 1 });
});
