import { expect, test } from "vitest";
import { answersAt, callOf, minted, stop } from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

/** Beyond what any known lockout allows in a row. */
const bogusTimes = 6;

export function probePromises({ fixture, scope }: Context): void {
  test("the right value is alive and a bogus one is dead at every vantage", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    const bogus = issuer.bogus(live.material);
    expect(issuer.vantages.length).toBeGreaterThan(0);
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
    expect(await answersAt(issuer, bogus)).toEqual(["dead"]);
  });

  test("however often a bogus login is tried, what it was made from is let in right after", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    const bogus = issuer.bogus(live.material);
    expect(Object.keys(bogus.fields)).toEqual(Object.keys(live.material.fields));
    for (let time = 0; time < bogusTimes; time += 1)
      expect(await answersAt(issuer, bogus)).toEqual(["dead"]);
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
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
