import { credentialId, rotationId } from "@rekey/domain";
import type { Issuer, IssuerSettings, Material, ProviderVersion } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { vaultPath } from "@rekey/vault-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalsMax } from "./attempts.ts";
import { ownLoginTruths } from "./own-login.suite.ts";
import { callOf, setLockout, type VaultFixture } from "./vault.fixture.ts";

interface Live extends ProviderVersion {
  readonly material: Material;
}

const rotation = rotationId("0199-truths");

async function mint(
  issuer: Issuer,
  settings: IssuerSettings,
  { version = 1, like }: { version?: number; like?: string } = {},
): Promise<Live> {
  const ref = { credential: credentialId("truths"), version };
  const likePrincipal = like === undefined ? {} : { likePrincipal: like };
  const request = { ref, settings, mark: { ...ref, rotation }, ...likePrincipal };
  const { principal, material } = await issuer.mint(request, callOf());
  if (material === undefined) expect.fail("a secret id that was made has a value");
  return { ref, settings, principal, material, rotation };
}

/** What this issuer makes of Vault's own ways: the same on the fake and on the real one. */
export function vaultTruths(name: string, open: () => Promise<VaultFixture>): void {
  describe(name, () => {
    let fixture: VaultFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());
    const get = (): VaultFixture => fixture;
    lockoutTruths(get);
    ownLoginTruths(get);
    boundTruths(get);
    roleTruths(get);
    ownershipTruths(get);
    tokenTruths(get);
  });
}

const wrongSecretId = ({ material }: Live): Material => ({
  ...material,
  secret: Secret.fromUtf8("no-secret-id-of-this-role"),
});

const answers = async (issuer: Issuer, material: Material, times = 1) => {
  const [vantage = ""] = issuer.vantages;
  const seen: string[] = [];
  for (let time = 0; time < times; time += 1) {
    const { answer, code } = await issuer.probe(material, vantage, callOf());
    seen.push(`${answer} ${code}`);
  }
  return seen;
};

function lockoutTruths(fixture: () => VaultFixture): void {
  test("a locked role refuses the right secret id too, which is unknown and never dead", async () => {
    const { openIssuer, admin, addRole } = fixture();
    const careless = openIssuer({ userLockout: "off-at-server" });
    const live = await mint(careless, await addRole());
    await setLockout(admin, true);
    const wrong = wrongSecretId(live);
    const fifth = 5;
    expect(await answers(careless, wrong, fifth)).toEqual(Array(fifth).fill("dead 400"));
    expect(await answers(careless, live.material)).toEqual(["unknown 403"]);
    expect(await answers(careless, wrong)).toEqual(["unknown 403"]);
    await setLockout(admin, false);
    expect(await answers(careless, live.material)).toEqual(["alive 200"]);
  });

  test.each(["on", "off-at-mount"])(
    "where lockout is on, and options say %s, Rekey's own probes never lock the role",
    async (userLockout) => {
      const { openIssuer, admin, addRole, derive } = fixture();
      await setLockout(admin, true);
      const issuer = openIssuer({ userLockout });
      const live = await mint(issuer, await addRole());
      const seen = await answers(issuer, wrongSecretId(live), 12);
      expect(seen.filter((answer) => answer === "dead 400")).toHaveLength(refusalsMax);
      expect(new Set(seen.slice(refusalsMax))).toEqual(new Set(["unknown lockout-near"]));
      expect(await (await derive?.(live.material))?.alive()).toBe(true);
      await setLockout(admin, false);
    },
  );

  test("a bogus login is refused in the words for a wrong secret id, and never locks nor limits anything", async () => {
    const { openIssuer, admin, addRole } = fixture();
    await setLockout(admin, true);
    const issuer = openIssuer({ userLockout: "on" });
    const live = await mint(issuer, await addRole());
    const often = 12;
    const bogus = issuer.bogus(live.material);
    expect(await answers(issuer, bogus, often)).toEqual(Array(often).fill("dead 400"));
    expect(await answers(issuer, wrongSecretId(live), refusalsMax)).toEqual(
      Array(refusalsMax).fill("dead 400"),
    );
    const careless = openIssuer({ userLockout: "off-at-server" });
    expect(await answers(careless, live.material)).toEqual(["alive 200"]);
    await setLockout(admin, false);
  });

  test("doctor's check finds a mount that locks roles, where nobody accepted it", async () => {
    const { openIssuer, admin } = fixture();
    await setLockout(admin, true);
    await expect(openIssuer().check(callOf())).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      providerCode: "user-lockout",
    });
    await openIssuer({ userLockout: "on" }).check(callOf());
    await setLockout(admin, false);
    await openIssuer().check(callOf());
  });
}

function boundTruths(fixture: () => VaultFixture): void {
  test("a secret id bound to other addresses is unknown; destroyed, it is dead from here too", async () => {
    const { issuer, addRole } = fixture();
    const live = await mint(issuer, { ...(await addRole()), cidrs: ["10.0.0.0/8"] });
    expect(await answers(issuer, live.material)).toEqual(["unknown 400"]);
    await issuer.revoke(live, callOf());
    expect(await answers(issuer, live.material)).toEqual(["dead 400"]);
  });

  test("the next version is bound as the one before, and a lost bound is told", async () => {
    const { issuer, addRole } = fixture();
    const settings = await addRole();
    const bounds = { cidrs: ["127.0.0.0/8", "::1/128"], tokenCidrs: ["127.0.0.0/8"] };
    const older = await mint(issuer, { ...settings, ...bounds });
    const like = await mint(issuer, settings, { version: 2, like: older.principal });
    expect(await issuer.comparePrivileges(older, like, callOf())).toEqual([]);
    const unlike = await mint(issuer, settings, { version: 3 });
    expect(await issuer.comparePrivileges(older, unlike, callOf())).toMatchObject([
      { path: "cidrs", found: "anywhere" },
      { path: "tokenCidrs", found: "anywhere" },
    ]);
  });
}

function roleTruths(fixture: () => VaultFixture): void {
  test.each([
    ["bind-secret-id", { bind_secret_id: false, token_bound_cidrs: ["127.0.0.0/8"] }],
    ["secret-id-num-uses", { secret_id_num_uses: 10 }],
    ["batch-tokens", { token_type: "batch" }],
  ])("a role that cannot be rotated is refused and gets no secret id: %s", async (code, role) => {
    const { issuer, addRole } = fixture();
    const settings = await addRole(role);
    await expect(mint(issuer, settings)).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      providerCode: code,
    });
    const listing = await issuer.list(credentialId("truths"), settings, callOf());
    expect(listing).toEqual({ entries: [], complete: true });
  });

  test("bounds beyond the role's are refused before Vault answers as if it were broken", async () => {
    const { issuer, addRole } = fixture();
    const settings = await addRole({ secret_id_bound_cidrs: ["127.0.0.0/8", "::1/128"] });
    await expect(mint(issuer, { ...settings, cidrs: ["10.0.0.0/8"] })).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      providerCode: "cidrs-beyond-role",
    });
    const live = await mint(issuer, { ...settings, cidrs: ["127.0.0.1/32", "::1/128"] });
    expect(await answers(issuer, live.material)).toEqual(["alive 200"]);
  });

  test("a role that was deleted took its secret ids along, and its tokens end", async () => {
    const { issuer, addRole, derive, admin } = fixture();
    const live = await mint(issuer, await addRole());
    const derived = await derive?.(live.material);
    await admin.delete(vaultPath`auth/approle/role/${String(live.settings["role"])}`);
    expect(await answers(issuer, live.material)).toEqual(["dead 400"]);
    expect(await issuer.revoke(live, callOf())).toEqual({ ended: 1 });
    expect(await derived?.alive()).toBe(false);
  });

  test("a role that does not exist is a fault, never an empty list", async () => {
    const { issuer } = fixture();
    const settings = { role: "missing" };
    const listing = issuer.list(credentialId("truths"), settings, callOf());
    await expect(listing).rejects.toMatchObject({ code: "PROVIDER_REJECTED", providerCode: "400" });
    await expect(mint(issuer, settings)).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      providerCode: "NO_ROLE",
    });
  });
}

function ownershipTruths(fixture: () => VaultFixture): void {
  test("an accessor of another role is out of reach: nothing happens to it", async () => {
    const { issuer, addRole } = fixture();
    const live = await mint(issuer, await addRole());
    const elsewhere = { ...live, settings: await addRole() };
    await issuer.revoke(elsewhere, callOf());
    expect(await answers(issuer, live.material)).toEqual(["alive 200"]);
  });

  test("two answers of one mint were lost: each of the two can be ended by itself", async () => {
    const { issuer, addRole, admin } = fixture();
    const settings = await addRole();
    const one = await mint(issuer, settings);
    const path = vaultPath`auth/approle/role/${String(settings["role"])}/secret-id`;
    const metadata = {
      rekey_credential: "truths",
      rekey_version: "1",
      rekey_rotation: rotation,
    };
    const { data } = await admin.write(path, { metadata: JSON.stringify(metadata) });
    const surplus = { ...one, ref: { ...one.ref, version: 2 } };
    await issuer.revoke({ ...surplus, principal: String(data["secret_id_accessor"]) }, callOf());
    const { entries } = await issuer.list(one.ref.credential, settings, callOf());
    expect(entries.map(({ principal }) => principal)).toEqual([one.principal]);
  });

  test("when a version was made is told by Vault's clock", async () => {
    const { issuer, addRole } = fixture();
    const settings = await addRole();
    const before = Date.now();
    await mint(issuer, settings);
    const { entries } = await issuer.list(credentialId("truths"), settings, callOf());
    const second = 1_000;
    expect(entries[0]?.createdAt).toBeGreaterThan(before - second);
    expect(entries[0]?.createdAt).toBeLessThan(Date.now() + second);
  });
}

const rekeyTokens = async ({ admin }: VaultFixture) => {
  const listed = await admin.list(vaultPath`auth/token/accessors`);
  const found: { accessor: string; role: unknown }[] = [];
  for (const accessor of listed) {
    const { data } = await admin.write(vaultPath`auth/token/lookup-accessor`, { accessor });
    const meta = data["meta"] as Record<string, unknown> | null;
    found.push({ accessor, role: meta?.["role_name"] });
  }
  return found;
};

function tokenTruths(fixture: () => VaultFixture): void {
  test("a probe leaves no token behind", async () => {
    const { issuer, addRole } = fixture();
    const settings = await addRole();
    const live = await mint(issuer, settings);
    await answers(issuer, live.material, 3);
    const left = await rekeyTokens(fixture());
    expect(left.filter(({ role }) => role === settings["role"])).toEqual([]);
  });

  test("a tokens' sweep after the end finds what a login of the dead version had made", async () => {
    const { issuer, addRole, derive } = fixture();
    const live = await mint(issuer, await addRole());
    const before = await derive?.(live.material);
    const { ref, settings, principal } = live;
    await fixture().destroy(live);
    expect(await before?.alive()).toBe(true);
    expect(await issuer.sweep({ ref, settings, principal, rotation }, callOf())).toEqual({
      ended: 1,
    });
    expect(await before?.alive()).toBe(false);
  });

  test("when Rekey's own token dies it logs in again, and without a way to it is denied", async () => {
    const { openIssuer, addRole, admin } = fixture();
    const settings = await addRole();
    const issuer = openIssuer();
    const live = await mint(issuer, settings);
    for (const { accessor, role } of await rekeyTokens(fixture()))
      if (role === "rekey") await admin.write(vaultPath`auth/token/revoke-accessor`, { accessor });
    const listing = await issuer.list(live.ref.credential, settings, callOf());
    expect(listing.entries).toHaveLength(1);
    const refused = openIssuer({}, Secret.fromUtf8("no-secret-id-of-rekey"));
    // Refused with the very words that say that a consumer's secret id is dead: nothing is taken for gone.
    for (const work of [
      () => refused.comparePrivileges(live, live, callOf()),
      () => refused.revoke(live, callOf()),
      () => refused.sweep(live, callOf()),
    ])
      await expect(work()).rejects.toMatchObject({
        code: "PROVIDER_UNREACHABLE",
        providerCode: "LOGIN_REFUSED",
      });
    expect(await answers(issuer, live.material)).toEqual(["alive 200"]);
    const denied = openIssuer({ auth: { token: "file:dead" } }, Secret.fromUtf8("hvs.dead"));
    await expect(denied.list(live.ref.credential, settings, callOf())).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      providerCode: "TOKEN_REFUSED",
    });
  });
}
