import { expect, test } from "vitest";
import { callOf, faultOf, minted } from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

export function checkPromises({ fixture, scope }: Context): void {
  test("a version made like another may do what the other may", async () => {
    const { issuer } = fixture();
    const own = await scope();
    const older = await minted(issuer, own);
    const newer = await minted(issuer, own, { version: 2, like: older.principal });
    expect(await issuer.comparePrivileges(older, newer, callOf())).toEqual([]);
    await issuer.revoke(newer, callOf());
    expect(await issuer.comparePrivileges(older, newer, callOf())).not.toEqual([]);
  });

  test("good settings have no problem, bad ones name every field", async () => {
    const { issuer, badSettings } = fixture();
    const { settings } = await scope();
    expect(issuer.checkSettings(settings)).toEqual([]);
    const paths = issuer.checkSettings(badSettings.settings).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([...badSettings.paths]));
  });

  test("rights that a rotation needs are missing only where they are not granted", async () => {
    const { issuer, denyEffects } = fixture();
    const own = await scope();
    const { settings, principal } = await minted(issuer, own);
    const asked = { settings, principals: [principal] };
    expect(await issuer.missingRights?.(asked, callOf())).toEqual([]);
    await denyEffects(true);
    expect(await issuer.missingRights?.(asked, callOf())).not.toEqual([]);
    await denyEffects(false);
  });

  test("check passes while Rekey has its permission and faults without", async () => {
    const { issuer, denyEffects } = fixture();
    await issuer.check(callOf());
    await denyEffects(true);
    expect((await faultOf(issuer.check(callOf()), undefined)).code).toBe("PROVIDER_DENIED");
    await denyEffects(false);
  });
}
