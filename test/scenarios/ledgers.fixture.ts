import { openMemoryLedger } from "@rekey/ledger";
import { newId } from "@rekey/runtime";
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
