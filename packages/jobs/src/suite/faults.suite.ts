import type { Hint } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { leastMs, msOf } from "@rekey/testkit";
import { expect, test, vi } from "vitest";
import { freshHint, soon, takeover } from "./world.suite.ts";
import type { JobsWorld, Open } from "./world.suite.ts";

export function killedServersAndLostContents(open: Open, world: () => JobsWorld): void {
  test("the hint of a killed server is taken over by another", async () => {
    const dispatcher = await open();
    const stuck = await world().spawnStuck("urgent");
    const hint = freshHint();
    await dispatcher.invite("urgent", hint);
    await vi.waitFor(() => expect(stuck.performing()).toBeGreaterThan(0), soon);
    const performed: Hint[] = [];
    await dispatcher.serve("urgent", 1, async (each) => void performed.push(each));
    await stuck.kill();
    await vi.waitFor(() => expect(performed).toContainEqual(hint), takeover);
  });

  test("lost contents are reported once to each dispatcher, and inviting goes on", async () => {
    const [one, two] = [await open(), await open()];
    // Whatever an earlier test lost.
    await one.lostContents();
    await two.lostContents();
    await one.invite("sweep", freshHint());
    expect(await one.lostContents()).toBe(false);
    await world().lose();
    expect(await one.lostContents()).toBe(true);
    expect(await one.lostContents()).toBe(false);
    expect(await two.lostContents()).toBe(true);
    expect(await two.lostContents()).toBe(false);
    expect(await one.outstanding("sweep")).toBe(0);
    await one.invite("sweep", freshHint());
    expect(await one.outstanding("sweep")).toBe(1);
  });
}

export function backendDown(open: Open, world: () => JobsWorld): void {
  test("a backend that is down rejects within 3 s; when it is back, servers go on by themselves", async () => {
    const dispatcher = await open();
    const performed: string[] = [];
    await dispatcher.serve("urgent", 2, async (hint) => void performed.push(hint.id));
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(performed.length).toBeGreaterThan(0), soon);
    await world().goDown();
    try {
      const inviting = async (): Promise<void> => {
        const invited = dispatcher.invite("urgent", freshHint());
        const refused = await invited.catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(Fault);
        expect(refused).toMatchObject({ code: "JOBS_UNREACHABLE", action: "retry" });
      };
      expect(await leastMs(3_000, () => msOf(inviting))).toBeLessThan(3_000);
      await expect(dispatcher.check()).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
      await expect(dispatcher.outstanding("urgent")).rejects.toBeInstanceOf(Fault);
      await expect(dispatcher.lostContents()).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
    } finally {
      await world().comeBack();
    }
    // The first ones may meet connections that broke with the backend.
    await vi.waitFor(() => dispatcher.check(), soon);
    const after = freshHint();
    await vi.waitFor(() => dispatcher.invite("urgent", after), soon);
    await vi.waitFor(() => expect(performed).toContain(after.id), soon);
  });
}

export function closeLeavesNothing(open: Open, world: () => JobsWorld): void {
  test("a closed dispatcher has no connection left, and closing took less than 1 s", async () => {
    const before = await world().connections();
    const closing = async (): Promise<number> => {
      const dispatcher = await open();
      for (const lane of ["urgent", "planned", "sweep"] as const) {
        await dispatcher.serve(lane, 2, async () => undefined);
      }
      await dispatcher.invite("urgent", freshHint());
      return await msOf(() => dispatcher.close());
    };
    expect(await leastMs(1_000, closing)).toBeLessThan(1_000);
    await vi.waitFor(async () => expect(await world().connections()).toBe(before), soon);
  });
}
