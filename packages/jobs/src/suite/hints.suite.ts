import type { Hint } from "@rekey/domain";
import { expect, test, vi } from "vitest";
import { freshHint, gate, soon } from "./world.suite.ts";
import type { Open } from "./world.suite.ts";

export function oneHintOneJob(open: Open): void {
  test("the same hint twice is one job, a new generation is a new one", async () => {
    const dispatcher = await open();
    const hint = freshHint(1);
    await dispatcher.invite("urgent", hint);
    await dispatcher.invite("urgent", hint);
    expect(await dispatcher.outstanding("urgent")).toBe(1);
    await dispatcher.invite("urgent", { ...hint, generation: 2 });
    expect(await dispatcher.outstanding("urgent")).toBe(2);
    const performed: Hint[] = [];
    await dispatcher.serve("urgent", 8, async (each) => void performed.push(each));
    await vi.waitFor(async () => expect(await dispatcher.outstanding("urgent")).toBe(0), soon);
    // At least once: one that was performed again counts once.
    const generations = new Set(performed.map(({ generation }) => generation));
    expect(generations).toEqual(new Set([1, 2]));
    for (const each of performed) expect(each).toMatchObject({ kind: hint.kind, id: hint.id });
  });

  test("a hint that was performed can be invited again", async () => {
    const dispatcher = await open();
    const hint = freshHint();
    let performed = 0;
    await dispatcher.serve("planned", 1, async () => void (performed += 1));
    for (let times = 0; times < 3; times += 1) {
      const before = performed;
      await dispatcher.invite("planned", hint);
      await vi.waitFor(async () => {
        expect(performed).toBeGreaterThan(before);
        expect(await dispatcher.outstanding("planned")).toBe(0);
      }, soon);
    }
  });
}

export function hintsArriveWhole(open: Open): void {
  test("a delayed hint arrives, and not before its delay", async () => {
    const dispatcher = await open();
    let arrivedAtMs = 0;
    await dispatcher.serve("urgent", 1, async () => void (arrivedAtMs = performance.now()));
    const invitedAtMs = performance.now();
    await dispatcher.invite("urgent", freshHint(), { delayMs: 400 });
    await vi.waitFor(() => expect(arrivedAtMs).toBeGreaterThan(0), soon);
    // The backend counts whole milliseconds of the wall clock.
    expect(arrivedAtMs - invitedAtMs).toBeGreaterThanOrEqual(399);
  });

  test("what was invited for later and is due now does not wait for its time", async () => {
    const dispatcher = await open();
    const hint = freshHint();
    let performed = 0;
    await dispatcher.serve("planned", 1, async () => void (performed += 1));
    await dispatcher.invite("planned", hint, { delayMs: 60_000 });
    await dispatcher.invite("planned", hint);
    await vi.waitFor(() => expect(performed).toBeGreaterThan(0), soon);
  });

  test("a hint keeps its kind, id and generation", async () => {
    const dispatcher = await open();
    const hints: Hint[] = [
      { kind: "case", id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", generation: 7 },
      { kind: "watch", id: "payments-db.eu_1", generation: 0 },
    ];
    const performed: Hint[] = [];
    await dispatcher.serve("sweep", 2, async (hint) => void performed.push(hint));
    for (const hint of hints) await dispatcher.invite("sweep", hint);
    await vi.waitFor(() => expect(performed).toEqual(expect.arrayContaining(hints)), soon);
  });

  test("outstanding counts what waits and runs, not what is delayed", async () => {
    const dispatcher = await open();
    const hold = gate();
    await dispatcher.serve("planned", 1, () => hold.opened);
    for (let hints = 0; hints < 3; hints += 1) await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("planned", freshHint(), { delayMs: 60_000 });
    expect(await dispatcher.outstanding("planned")).toBe(3);
    hold.open();
    await vi.waitFor(async () => expect(await dispatcher.outstanding("planned")).toBe(0), soon);
  });
}
