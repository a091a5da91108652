import type { Hint } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { expect, test, vi } from "vitest";
import { freshHint, soon, takeover } from "./world.suite.ts";
import type { JobsWorld, Open } from "./world.suite.ts";

export function killedServersAndLostContents(open: Open, world: () => JobsWorld): void {
  test("the hint of a killed server is taken over by another", async () => {
    const dispatcher = await open();
    const stuck = await world().spawnStuck("urgent");
    const hint = freshHint();
    await dispatcher.invite("urgent", hint);
    await vi.waitFor(() => expect(stuck.performing()).toBe(1), soon);
    const performed: Hint[] = [];
    await dispatcher.serve("urgent", 1, async (each) => void performed.push(each));
    await stuck.kill();
    await vi.waitFor(() => expect(performed).toEqual([hint]), takeover);
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
    await vi.waitFor(() => expect(performed).toHaveLength(1), soon);
    await world().goDown();
    try {
      const askedAtMs = performance.now();
      const refused = await dispatcher
        .invite("urgent", freshHint())
        .catch((error: unknown) => error);
      expect(performance.now() - askedAtMs).toBeLessThan(3_000);
      expect(refused).toBeInstanceOf(Fault);
      expect(refused).toMatchObject({ code: "JOBS_UNREACHABLE", action: "retry" });
      await expect(dispatcher.check()).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
      await expect(dispatcher.outstanding("urgent")).rejects.toBeInstanceOf(Fault);
      await expect(dispatcher.lostContents()).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
    } finally {
      await world().comeBack();
    }
    await vi.waitFor(() => dispatcher.check(), soon);
    const after = freshHint();
    await dispatcher.invite("urgent", after);
    await vi.waitFor(() => expect(performed).toContain(after.id), soon);
  });
}

export function closeLeavesNothing(open: Open, world: () => JobsWorld): void {
  test("a closed dispatcher has no connection left, and closing took less than 1 s", async () => {
    const before = await world().connections();
    const dispatcher = await open();
    for (const lane of ["urgent", "planned", "sweep"] as const) {
      await dispatcher.serve(lane, 2, async () => undefined);
    }
    await dispatcher.invite("urgent", freshHint());
    const askedAtMs = performance.now();
    await dispatcher.close();
    expect(performance.now() - askedAtMs).toBeLessThan(1_000);
    await vi.waitFor(async () => expect(await world().connections()).toBe(before), soon);
  });
}
