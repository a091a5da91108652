import { expect, test } from "vitest";
import { answersAt, callOf, minted, stop } from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function probePromises({ fixture, scope }: Context): void {
  test("the right value is alive and a bogus one is dead at every vantage", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    const bogus = issuer.bogus(live.material);
    expect(bogus.fields).toEqual(live.material.fields);
    expect(issuer.vantages.length).toBeGreaterThan(0);
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
    expect(await answersAt(issuer, bogus)).toEqual(["dead"]);
  });

  test("the refusal of a stopped value is as strong as the capabilities say", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    await stop(issuer, live);
    for (const vantage of issuer.vantages) {
      const { strength } = await issuer.probe(live.material, vantage, callOf());
      expect(strength).toBe(issuer.capabilities.probeAnswer);
    }
  });
}
