import { expect, test } from "vitest";
import {
  again,
  answersAt,
  entriesOf,
  faultOf,
  markOf,
  minted,
  rekeyChooses,
} from "./steps.suite.ts";
import type { Context, Live } from "./steps.suite.ts";

export function mintPromises(context: Context): void {
  const { fixture, scope } = context;
  test("a minted version works, is listed with its mark and has the principal that was foretold", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const live = await minted(issuer, own);
    expect(live.principal).toBe(issuer.principalOf(live.ref, live.settings) ?? live.principal);
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
    const [entry, ...others] = await entriesOf(issuer, own);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ principal: live.principal, state: "valid" });
    if (issuer.capabilities.canMark) expect(entry?.mark).toEqual(markOf(own.credential, 1));
  });

  test("the same mint twice is one version", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const live = await minted(issuer, own);
    expect(await again(issuer, live)).toEqual({ principal: live.principal, outcome: "adopted" });
    expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
    expect(await entriesOf(issuer, own)).toHaveLength(1);
  });

  test("a mint repeated after a crash makes the staged value the one that works", async (context) => {
    const { issuer } = fixture();
    if (!rekeyChooses(issuer)) return context.skip();
    const live = await minted(issuer, await scope());
    const staged = await issuer.propose(live.ref, live.settings);
    await again(issuer, { ...live, material: staged });
    expect(await answersAt(issuer, staged)).toEqual(["alive"]);
    expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
  });

  test("two versions work at once, up to the provider's limit", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const versionsMax = issuer.capabilities.versionsMax ?? 2;
    const lives: Live[] = [];
    for (let version = 1; version <= versionsMax; version += 1)
      lives.push(await minted(issuer, own, { version }));
    for (const live of lives) expect(await answersAt(issuer, live.material)).toEqual(["alive"]);
    if (issuer.capabilities.versionsMax === undefined) return;
    const { code } = await faultOf(minted(issuer, own, { version: versionsMax + 1 }), undefined);
    expect(code).toBe("PROVIDER_NEEDS_SLOT");
  });

  valuePromises(context);
}

function valuePromises({ fixture, scope }: Context): void {
  test("a value that the issuer chose is never shown twice, and no two are the same", async (context) => {
    const { issuer } = fixture();
    if (rekeyChooses(issuer)) return context.skip();
    const own = await scope();
    const [one, other] = [await minted(issuer, own), await minted(issuer, own, { version: 2 })];
    expect(one.material.secret.equals(other.material.secret)).toBe(false);
    expect((await again(issuer, one)).material).toBeUndefined();
  });

  test("proposed values are never the same", async (context) => {
    const { issuer } = fixture();
    if (!rekeyChooses(issuer)) return context.skip();
    const { credential, settings } = await scope();
    const ref = { credential, version: 1 };
    const one = await issuer.propose(ref, settings);
    const other = await issuer.propose(ref, settings);
    expect(one.secret.equals(other.secret)).toBe(false);
  });
}
