import { migrateLedger, openMemoryLedger, openPostgresLedger } from "@rekey/ledger";
import { fixedSource, newId, silentLog } from "@rekey/runtime";
import { freshDatabase, templateDatabase } from "@rekey/testkit";
import type { LedgerUnderTest } from "./world.fixture.ts";

/** The in-memory ledger with a clock of its own, so that waits of minutes cost nothing. */
export const memoryLedger = async (): Promise<LedgerUnderTest> => {
  const startedAt = Date.now();
  let moved = 0;
  const ledger = openMemoryLedger({ now: () => startedAt + moved, newId, build: "test" });
  return await Promise.resolve({
    ledger,
    moveOn: (milliseconds: number) => {
      moved += milliseconds;
    },
  });
};

/** The ledger on PostgreSQL 18, in a database of its own. Its clock is the server's: `moveOn` only lets it tick. */
export const postgresLedger = async (): Promise<LedgerUnderTest> => {
  const template = await templateDatabase("ledger", async (url) => {
    await migrateLedger({ connection: fixedSource(url), log: silentLog });
  });
  const database = await freshDatabase(template);
  const ledger = await openPostgresLedger({
    connection: fixedSource(database.url),
    log: silentLog,
    newId,
    build: "test",
  });
  const close = async (): Promise<void> => {
    await ledger.close();
    await database.drop();
  };
  return { ledger: { ...ledger, close }, moveOn: () => undefined };
};
