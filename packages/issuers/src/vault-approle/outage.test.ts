import { credentialId, rotationId } from "@rekey/domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "@rekey/runtime";
import { fakeError } from "@rekey/vault-client/fake";
import { startFakeVault, type FakePlace } from "./fake-vault.fixture.ts";
import { callOf, openVaultFixture, type VaultFixture } from "./vault.fixture.ts";

const skew = { ms: 0 };
const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + skew.ms };
let place: FakePlace;
let fixture: VaultFixture;
beforeAll(async () => {
  place = await startFakeVault(clock);
  fixture = await openVaultFixture(place);
});
afterAll(() => fixture.close());

const credential = credentialId("outage");

async function minted(settings = {}) {
  const { issuer, addRole } = fixture;
  const role = await addRole(settings);
  const ref = { credential, version: 1 };
  const mark = { ...ref, rotation: rotationId("0199-outage") };
  const made = await issuer.mint({ ref, mark, settings: role }, callOf());
  if (made.material === undefined) expect.fail("a secret id that was made has a value");
  return { ref, settings: role, principal: made.principal, material: made.material };
}

test.each(["sealed", "standby", "uninitialised"] as const)(
  "while Vault is %s nothing is dead, and what is asked is tried again",
  async (state) => {
    const { issuer } = fixture;
    const live = await minted();
    place.vault.state = state;
    for (const material of [live.material, issuer.bogus(live.material)])
      for (const vantage of issuer.vantages)
        expect((await issuer.probe(material, vantage, callOf())).answer).toBe("unknown");
    const works = [
      () => issuer.list(credential, live.settings, callOf()),
      () => issuer.revoke(live, callOf()),
    ];
    for (const work of works)
      await expect(work()).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    place.vault.state = "active";
    await issuer.revoke(live, callOf());
    expect((await issuer.probe(live.material, "direct", callOf())).answer).toBe("dead");
  },
);

test("a standby that redirects is not followed with a secret", async () => {
  const live = await minted();
  const standby = await place.vault.addNode("standby");
  standby.redirectsTo = place.address;
  const issuer = fixture.openIssuer({ endpoints: [{ name: "standby", address: standby.address }] });
  const reply = await issuer.probe(live.material, "standby", callOf());
  expect(reply).toMatchObject({ answer: "unknown", code: "STANDBY" });
});

test("lists and logins are asked of the active node: a standby may answer from the past", async () => {
  const { vault } = place;
  const other = await vault.addNode("standby");
  const issuer = fixture.openIssuer({ addresses: [vault.address, other.address] });
  const live = await minted();
  await issuer.list(credential, live.settings, callOf());
  const before = vault.requests.length;
  [vault.state, other.state] = ["standby", "active"];
  await issuer.list(credential, live.settings, callOf());
  await issuer.sweep(live, callOf());
  expect((await issuer.probe(live.material, "active-node", callOf())).answer).toBe("alive");
  [vault.state, other.state] = ["active", "standby"];
  const asked = vault.requests.slice(before).filter((one) => /^LIST|approle\/login/.test(one));
  expect(asked).toEqual([]);
});

test("a rate limit is waited for as long as Vault says", async () => {
  const live = await minted();
  const refuse = fakeError(429, 'request path "…": rate limit quota exceeded');
  const issuer = fixture.openIssuer();
  await issuer.list(credential, live.settings, callOf());
  place.vault.trouble({ on: "LIST auth/approle", how: { refuse, retryAfter: "3" } });
  await expect(issuer.list(credential, live.settings, callOf())).rejects.toMatchObject({
    code: "PROVIDER_THROTTLED",
    retryAfterMs: 3_000,
  });
  place.vault.trouble({ on: "login", how: { refuse, retryAfter: "1" } });
  const reply = await issuer.probe(live.material, "active-node", callOf());
  expect(reply).toMatchObject({ answer: "unknown" });
});

test.each(["<html>a balancer</html>", "{}", '{"data":{"secret_id":7}}'])(
  "a mint that is answered with %s may have happened, and what it made is found",
  async (garble) => {
    const settings = await fixture.addRole({});
    const ref = { credential: credentialId("garbled"), version: 1 };
    const mark = { ...ref, rotation: rotationId("0199-garbled") };
    place.vault.trouble({ on: "POST auth/approle/role/", how: { garble } });
    const minting = fixture.issuer.mint({ ref, mark, settings }, callOf());
    await expect(minting).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      providerCode: "GARBLED",
      unknownOutcome: true,
    });
    const { entries } = await fixture.issuer.list(ref.credential, settings, callOf());
    expect(entries).toHaveLength(1);
  },
);

test("a secret id past its end is listed and alive until Vault has tidied it away", async () => {
  const { issuer } = fixture;
  const live = await minted({ secret_id_ttl: 60 });
  const answer = async () => (await issuer.probe(live.material, "direct", callOf())).answer;
  const listed = async () => (await issuer.list(credential, live.settings, callOf())).entries;
  skew.ms += 61_000;
  expect([await answer(), (await listed()).map(({ state }) => state)]).toEqual([
    "alive",
    ["valid"],
  ]);
  place.appRole.tidy();
  expect([await answer(), await listed()]).toEqual(["dead", []]);
});
