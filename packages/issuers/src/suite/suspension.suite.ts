import { expect, test } from "vitest";
import { again, answersAt, callOf, entriesOf, minted, states } from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function suspensionPromises({ fixture, scope }: Context): void {
  test("a suspended version is refused, still listed, and works again when reinstated", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const live = await minted(issuer, own);
    const other = await minted(issuer, own, 2);
    for (const _ of ["once", "twice"]) await issuer.suspend(live, callOf());
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
    expect(await answersAt(issuer, other.material)).toEqual(["alive"]);
    expect(states(await entriesOf(issuer, own))).toMatchObject({ [live.principal]: "suspended" });
    for (const _ of ["once", "twice"]) await issuer.reinstate(live, callOf());
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
  });

  test("a late mint does not reinstate what was suspended meanwhile", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    await issuer.suspend(live, callOf());
    await again(issuer, live);
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
  });

  test("a sweep ends and counts what was derived from one version, and nothing else", async (context) => {
    const { issuer, derive } = fixture();
    if (derive === undefined) return context.skip();
    const own = await scope();
    const [live, other] = [await minted(issuer, own), await minted(issuer, own, 2)];
    const theirs = await derive(other.material);
    const derived = [await derive(live.material), await derive(live.material)];
    expect((await entriesOf(issuer, own)).map((entry) => entry.derivedAlive)).toEqual([2, 1]);
    expect(await issuer.sweep(live, callOf())).toEqual({ ended: 2 });
    for (const one of derived) await expect.poll(() => one.alive()).toBe(false);
    expect(await theirs.alive()).toBe(true);
    expect(await issuer.sweep(live, callOf())).toEqual({ ended: 0 });
  });

  test("a suspension and its sweep leave nothing derived alive and count each ended once", async (context) => {
    const { issuer, derive } = fixture();
    if (derive === undefined) return context.skip();
    const live = await minted(issuer, await scope());
    const derived = [await derive(live.material), await derive(live.material)];
    const suspended = await issuer.suspend(live, callOf());
    const swept = await issuer.sweep(live, callOf());
    for (const one of derived) await expect.poll(() => one.alive()).toBe(false);
    expect(suspended.ended + swept.ended).toBe(derived.length);
  });
}
