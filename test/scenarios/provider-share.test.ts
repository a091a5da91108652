import { credentialId, type Call, type ProviderListing } from "@rekey/domain";
import { createProviderShare } from "@rekey/engine";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld } from "./small-world.fixture.ts";

test("while planned calls have no place, rotations wait without failing, and a leak is contained", async () => {
  const callsMax = () => ({ planned: 1, urgent: 1, sweep: 1 });
  const world = await openSmallWorld({
    credentials: [{ id: credentialId("planned") }, { id: credentialId("leaked") }],
    providerShare: (clock) => createProviderShare({ clock, callsMax }),
  });
  const deeds = deedsOf(world);
  await deeds.begin("planned", "leaked");
  const { issuer } = world.provider;
  // Another worker's planned call, which the provider does not answer.
  const answer = Promise.withResolvers<ProviderListing>();
  const silent = { ...issuer, list: async () => await answer.promise };
  const call: Call = { signal: new AbortController().signal, deadlineMs: 600_000, key: "k" };
  const stuck = world.parts
    .providerShare!.limit(silent, () => "planned")
    .list(credentialId("planned"), {}, call);
  await deeds.wish("planned");
  await world.until(async () => (await deeds.active("planned"))?.state.at === "waiting");
  expect(await deeds.active("planned")).toMatchObject({
    state: { for: "provider", reason: "this process's share of calls to the provider is in use" },
    failures: 0,
  });
  const leaked = world.shelf.read("leaked")!;
  await deeds.leak("leaked#1");
  await world.until(() => !world.provider.letsIn(leaked));
  expect(world.notices).toEqual([]);
  expect(world.ledger.state().tables.gates?.size ?? 0).toBe(0);
  answer.resolve({ entries: [], complete: true });
  await stuck;
  await world.until(deeds.allClosed);
  expect((await deeds.versions("planned")).map(({ life }) => life)).toEqual(["revoked", "valid"]);
});
