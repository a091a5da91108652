import { rotationId } from "@rekey/domain";
import { expect, test } from "vitest";
import {
  again,
  answersAt,
  callOf,
  entriesOf,
  faultOf,
  markOf,
  minted,
  rekeyChooses,
  states,
  stop,
} from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function foreignPromises(context: Context): void {
  const { fixture, scope } = context;
  test("a foreign principal is listed without a mark and survives all that happens to ours", async () => {
    const { issuer, addForeign } = fixture();
    const own = await scope();
    const foreign = await addForeign(own.settings);
    const live = await minted(issuer, own);
    await stop(issuer, live);
    await issuer.revoke(live, callOf());
    const entries = await entriesOf(issuer, own);
    expect(states(entries)).toEqual({ [foreign]: "valid" });
    expect(entries[0]?.mark).toBeUndefined();
  });

  test("a foreign principal under the name of ours is never touched", async (context) => {
    const { issuer, addForeign } = fixture();
    const own = await scope();
    const ref = { credential: own.credential, version: 7 };
    const principal = issuer.principalOf(ref, own.settings);
    if (principal === undefined) return context.skip();
    await addForeign(own.settings, principal);
    const material = await issuer.propose(ref, own.settings);
    const live = { ref, settings: own.settings, principal, material };
    const works = [
      () => again(issuer, live),
      () => issuer.suspend(live, callOf()),
      () => issuer.reinstate(live, callOf()),
      () => issuer.sweep(live, callOf()),
      () => issuer.revoke(live, callOf()),
    ];
    for (const work of works)
      expect((await faultOf(work(), material)).code).toBe("PROVIDER_UNSURE");
    expect(states(await entriesOf(issuer, own))).toEqual({ [principal]: "valid" });
  });

  mistakenPromises(context);
}

function mistakenPromises({ fixture, scope }: Context): void {
  test("a foreign principal that the ledger takes for ours is never touched", async (context) => {
    const { issuer, addForeign } = fixture();
    const own = await scope();
    const ref = { credential: own.credential, version: 7 };
    if (issuer.principalOf(ref, own.settings) !== undefined) return context.skip();
    const principal = await addForeign(own.settings);
    const version = {
      ref,
      settings: own.settings,
      principal,
      rotation: markOf(ref.credential, 7).rotation,
    };
    for (const act of ["sweep", "revoke"] as const)
      expect((await faultOf(issuer[act](version, callOf()), undefined)).code).toBe(
        "PROVIDER_UNSURE",
      );
    expect(states(await entriesOf(issuer, own))).toEqual({ [principal]: "valid" });
  });

  test("a version of another rotation or number is never touched", async () => {
    const { issuer } = fixture();
    if (!issuer.capabilities.canMark) return;
    const live = await minted(issuer, await scope());
    const rotation = rotationId("0199-other");
    const wrong = [
      { ...live, ref: { ...live.ref, version: 2 } },
      { ...live, rotation },
    ];
    const works = wrong.flatMap((version) => [
      () => issuer.sweep(version, callOf()),
      () => issuer.revoke(version, callOf()),
    ]);
    const mark = { ...markOf(live.ref.credential, 1), rotation };
    const mint = () => issuer.mint({ ...live, mark }, callOf());
    for (const work of rekeyChooses(issuer) ? [...works, mint] : works)
      expect((await faultOf(work(), live.material)).code).toBe("PROVIDER_UNSURE");
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
  });
}
