import { expect, test } from "vitest";
import { again, answersAt, callOf, entriesOf, faultOf, minted, states } from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function suspensionPromises(context: Context): void {
  const { fixture, scope } = context;
  test("a suspended version is refused, still listed, and works again when reinstated", async (context) => {
    const { issuer } = fixture();
    if (!issuer.capabilities.canSuspend) return context.skip();
    const own = await scope();
    const live = await minted(issuer, own);
    const other = await minted(issuer, own, { version: 2 });
    for (const _ of ["once", "twice"]) await issuer.suspend(live, callOf());
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
    expect(await answersAt(issuer, other.material)).toEqual(["alive"]);
    expect(states(await entriesOf(issuer, own))).toMatchObject({ [live.principal]: "suspended" });
    for (const _ of ["once", "twice"]) await issuer.reinstate(live, callOf());
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
  });

  test("an issuer that cannot suspend refuses to, and the version works on", async (context) => {
    const { issuer } = fixture();
    if (issuer.capabilities.canSuspend) return context.skip();
    const live = await minted(issuer, await scope());
    for (const act of ["suspend", "reinstate"] as const)
      expect((await faultOf(issuer[act](live, callOf()), live.material)).code).toBe(
        "PROVIDER_REJECTED",
      );
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
  });

  test("a late mint does not reinstate what was suspended meanwhile", async (context) => {
    const { issuer } = fixture();
    if (!issuer.capabilities.canSuspend) return context.skip();
    const live = await minted(issuer, await scope());
    await issuer.suspend(live, callOf());
    await again(issuer, live);
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
  });

  sweepPromises(context);
}

function sweepPromises({ fixture, scope }: Context): void {
  test("a sweep ends and counts what was derived from one version, and nothing else", async (context) => {
    const { issuer, derive } = fixture();
    if (derive === undefined) return context.skip();
    const own = await scope();
    const [live, other] = [await minted(issuer, own), await minted(issuer, own, { version: 2 })];
    const theirs = await derive(other.material);
    const derived = [await derive(live.material), await derive(live.material)];
    const counted = (await entriesOf(issuer, own)).map((entry) => entry.derivedAlive);
    if (counted.some((count) => count !== undefined)) expect(counted).toEqual([2, 1]);
    expect(await issuer.sweep(live, callOf())).toEqual({ ended: 2 });
    for (const one of derived) await expect.poll(() => one.alive()).toBe(false);
    expect(await theirs.alive()).toBe(true);
    expect(await issuer.sweep(live, callOf())).toEqual({ ended: 0 });
  });

  test("a suspension and its sweep leave nothing derived alive and count each ended once", async (context) => {
    const { issuer, derive } = fixture();
    if (derive === undefined || !issuer.capabilities.canSuspend) return context.skip();
    const live = await minted(issuer, await scope());
    const derived = [await derive(live.material), await derive(live.material)];
    const suspended = await issuer.suspend(live, callOf());
    const swept = await issuer.sweep(live, callOf());
    for (const one of derived) await expect.poll(() => one.alive()).toBe(false);
    expect(suspended.ended + swept.ended).toBe(derived.length);
  });
}
