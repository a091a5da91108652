import { expect, test } from "vitest";
import {
  again,
  answersAt,
  callOf,
  entriesOf,
  faultOf,
  minted,
  rekeyChooses,
  states,
  stop,
} from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function revocationPromises({ fixture, scope }: Context): void {
  test("a revoked version is refused and no longer listed", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const live = await minted(issuer, own);
    await issuer.revoke(live, callOf());
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
    expect(await entriesOf(issuer, own)).toEqual([]);
  });

  test("what is gone is suspended, swept and revoked without complaint", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    for (const _ of ["once", "twice"]) await issuer.revoke(live, callOf());
    await stop(issuer, live);
    expect(await issuer.sweep(live, callOf())).toEqual({ ended: 0 });
  });

  test("a revocation ends and counts what was derived", async (context) => {
    const { issuer, derive } = fixture();
    if (derive === undefined) return context.skip();
    const live = await minted(issuer, await scope());
    const derived = await derive(live.material);
    expect(await issuer.revoke(live, callOf())).toEqual({ ended: 1 });
    await expect.poll(() => derived.alive()).toBe(false);
  });

  test("without its permission an effect is denied and nothing has changed", async () => {
    const { issuer, denyEffects } = fixture();
    const own = await scope();
    const live = await minted(issuer, own);
    await denyEffects(true);
    const another = () => minted(issuer, own, { version: 2 });
    const works = [
      () => stop(issuer, live),
      rekeyChooses(issuer) ? () => again(issuer, live) : another,
    ];
    for (const work of works) {
      const fault = await faultOf(work(), live.material);
      expect(fault).toMatchObject({ code: "PROVIDER_DENIED", unknownOutcome: false });
    }
    await denyEffects(false);
    expect(states(await entriesOf(issuer, own))).toEqual({ [live.principal]: "valid" });
    await issuer.revoke(live, callOf());
    expect(await entriesOf(issuer, own)).toEqual([]);
  });
}
