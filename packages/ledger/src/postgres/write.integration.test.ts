import { fixedSource, silentLog, createPool, withTransaction } from "@rekey/runtime";
import type { FreshDatabase } from "@rekey/testkit";
import { expect, test } from "vitest";
import { openRotation, withVersion } from "../suite/turns.suite.ts";
import { prepare } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn } from "./database.suite.ts";
import { sendChanges } from "./write.ts";

const prepared = async (database: FreshDatabase): Promise<string> => {
  const ledger = await openOn(database);
  const world = { ledger, elapse: (passed: number) => elapseIn(database, passed) };
  await prepare(world);
  await withVersion(world, "payments-db");
  const id = await openRotation(world, "payments-db");
  await ledger.close();
  return id;
};

test("a row that cannot be written down leaves nothing of what would be sent with it and its COMMIT", async () => {
  const database = await freshLedger();
  const id = await prepared(database);
  const wakeAt = "select wake_at from rekey.rotations where wake_at = 'epoch'";
  const pool = await createPool({
    address: fixedSource(database.url),
    applicationName: "rekey-write-test",
    log: silentLog,
    pipeline: true,
  });
  const unwritable = { issuer: 1n } as never;
  const changes = {
    puts: { gates: [unwritable] },
    removed: {},
    wakes: [{ table: "rotations" as const, id, at: 0 }],
  };
  const work = withTransaction(pool, async (client, { last }) => {
    await client.query("select 1");
    last(() => sendChanges(client, changes));
  });
  await expect(work).rejects.toThrow(TypeError);
  expect(await ask(database, wakeAt)).toEqual([]);
  await pool.end();
  await database.drop();
});
