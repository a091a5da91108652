import { leastMs, msOf } from "@rekey/testkit";
import { expect, test, vi } from "vitest";
import { freshHint, gate, soon, takeover } from "./world.suite.ts";
import type { JobsWorld, Open } from "./world.suite.ts";

export function failuresLeaveNoText(openSteady: Open, world: () => JobsWorld): void {
  test("work that throws is not performed again, loses no server and leaves no text behind", async () => {
    const dispatcher = await openSteady();
    const canary = "cNry-text-of-a-provider";
    const failing = freshHint();
    const performed: string[] = [];
    await dispatcher.serve("urgent", 1, async (hint) => {
      performed.push(hint.id);
      if (hint.id === failing.id) throw new Error(canary, { cause: { canary } });
    });
    const next = freshHint();
    await dispatcher.invite("urgent", failing);
    await dispatcher.invite("urgent", next);
    await vi.waitFor(async () => {
      expect(performed).toEqual([failing.id, next.id]);
      expect(await dispatcher.outstanding("urgent")).toBe(0);
    }, soon);
    const waiting = freshHint();
    await dispatcher.invite("planned", waiting);
    const stored = await world().stored();
    expect(stored).not.toContain(canary);
    // The search sees what is stored: a hint that waits is found.
    expect(stored).toContain(waiting.id);
  });
}

export function serversShare(open: Open): void {
  test("two servers share a lane and lose nothing", async () => {
    const dispatchers = [await open(), await open()];
    const performed: [string[], string[]] = [[], []];
    const hold = gate();
    for (const [index, dispatcher] of dispatchers.entries()) {
      await dispatcher.serve("planned", 2, async (hint) => {
        performed[index as 0 | 1].push(hint.id);
        await hold.opened;
      });
    }
    const hints = Array.from({ length: 40 }, () => freshHint());
    for (const hint of hints) await dispatchers[0]?.invite("planned", hint);
    await vi.waitFor(() => expect(performed.map((ids) => ids.length)).toEqual([2, 2]), soon);
    hold.open();
    const ids = new Set(hints.map((hint) => hint.id));
    await vi.waitFor(() => expect(new Set(performed.flat())).toEqual(ids), soon);
  });

  test("a server runs as many handlers as it has slots, and no more", async () => {
    const dispatcher = await open();
    let running = 0;
    let most = 0;
    const ended = new Set<string>();
    await dispatcher.serve("planned", 3, async ({ id }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ended.add(id);
    });
    for (let hints = 0; hints < 30; hints += 1) await dispatcher.invite("planned", freshHint());
    await vi.waitFor(() => expect(ended.size).toBe(30), soon);
    expect(most).toBeLessThanOrEqual(3);
  });
}

export function lanesAreApart(open: Open): void {
  test("a lane whose slots are all stuck does not delay another lane", async () => {
    const dispatcher = await open();
    const hold = gate();
    let urgent = 0;
    await dispatcher.serve("planned", 1, () => hold.opened);
    await dispatcher.serve("urgent", 1, async () => void (urgent += 1));
    await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(urgent).toBeGreaterThan(0), soon);
    hold.open();
  });
}

export function stopIsBounded(open: Open, openSteady: Open): void {
  test("stop waits for a running handler, and its hint is not performed again", async () => {
    const dispatcher = await openSteady();
    const other = await openSteady();
    const hold = gate();
    let performed = 0;
    const work = async (): Promise<void> => {
      performed += 1;
      await hold.opened;
    };
    const server = await dispatcher.serve("urgent", 1, work);
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(performed).toBe(1), soon);
    const stopping = server.stop();
    hold.open();
    await stopping;
    await other.serve("urgent", 1, work);
    await vi.waitFor(async () => expect(await other.outstanding("urgent")).toBe(0), soon);
    expect(performed).toBe(1);
  });

  test("stop ends within 3 s though a handler is stuck, and another server gets its hint", async () => {
    const dispatcher = await open();
    const other = await open();
    const [invited, stuck]: [string[], string[]] = [[], []];
    const stopping = async (): Promise<number> => {
      const hint = freshHint();
      invited.push(hint.id);
      const server = await dispatcher.serve("urgent", 1, async (each) => {
        stuck.push(each.id);
        await gate().opened;
      });
      const before = stuck.length;
      await dispatcher.invite("urgent", hint);
      await vi.waitFor(() => expect(stuck.length).toBeGreaterThan(before), soon);
      return await msOf(() => server.stop());
    };
    expect(await leastMs(3_000, stopping)).toBeLessThan(3_000);
    const performed: string[] = [];
    await other.serve("urgent", 1, async (each) => void performed.push(each.id));
    await vi.waitFor(() => expect(new Set(performed)).toEqual(new Set(invited)), takeover);
  });
}
