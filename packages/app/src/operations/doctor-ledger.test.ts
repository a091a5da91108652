import { openMemoryLedger } from "@rekey/ledger";
import { newId } from "@rekey/runtime";
import { expect, test } from "vitest";
import { judgeLedger, ledgerChecks } from "./doctor-ledger.ts";

const server = (given: object) => ({
  now: 0,
  server: { synchronous_commit: "on", synchronous_standby_names: "", replicas: 0, ...given },
});
const failed = (given: object) =>
  judgeLedger(server(given))
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

test("commits that a crash or a failover takes back are seen", () => {
  expect(failed({})).toEqual([]);
  expect(failed({ synchronous_commit: "local" })).toEqual([]);
  expect(failed({ synchronous_commit: "off" })).toEqual(["ledger durability"]);
  const replicas = { synchronous_standby_names: "one", replicas: 1 };
  expect(failed(replicas)).toEqual([]);
  for (const synchronous_commit of ["off", "local", "remote_write"])
    expect(failed({ ...replicas, synchronous_commit })).toEqual(["ledger durability"]);
  expect(failed({ replicas: 1 })).toEqual(["ledger durability"]);
});

test("a ledger that is elsewhere than before fails, with its code and what to do, until a person lifts the pause", async () => {
  let identity = { system: "first", timeline: 1 };
  const ledger = openMemoryLedger({
    now: () => Date.now(),
    newId,
    build: "test",
    identity: () => identity,
  });
  await ledger.compareIdentity();
  expect(await ledgerChecks({ ledger })).toMatchObject([{ ok: true }]);
  identity = { system: "first", timeline: 2 };
  await ledger.compareIdentity();
  const [check] = await ledgerChecks({ ledger });
  expect(check).toMatchObject({ name: "ledger and world", ok: false });
  expect(check?.found).toContain("LEDGER_BEHIND_WORLD");
  expect(check?.next).toContain("rekey unpause");
  const actor = { id: "ada", authenticated: "local-socket", roles: [] } as const;
  await ledger.setPause({ pause: { paused: false, all: false, reason: "compared" }, actor });
  expect(await ledgerChecks({ ledger })).toMatchObject([{ ok: true }]);
});
