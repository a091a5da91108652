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

  preparedPromises({ fixture, scope });
}

function preparedPromises({ fixture, scope }: Context): void {
  test("a try that began before the stop shows what is true after it", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    const begun = issuer.vantages.flatMap(
      (vantage) => issuer.prepareProbe?.(live.material, vantage, callOf()) ?? [],
    );
    await stop(issuer, live);
    for (const probe of begun) {
      const { vantage, ...reply } = await probe.finish(callOf());
      const afresh = await issuer.probe(live.material, vantage, callOf());
      expect({ ...reply, vantage }).toEqual(afresh);
      expect(reply).toMatchObject({
        answer: "dead",
        strength: issuer.capabilities.probeAnswer,
      });
      probe.drop();
    }
  });

  test("a try that began is as good where nothing was stopped, and may be left", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    for (const vantage of issuer.vantages) {
      const left = issuer.prepareProbe?.(live.material, vantage, callOf());
      left?.drop();
      left?.drop();
      const begun = issuer.prepareProbe?.(live.material, vantage, callOf());
      const reply = await begun?.finish(callOf());
      expect(reply?.answer ?? "alive").toBe("alive");
    }
  });
}
