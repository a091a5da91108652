import { newId } from "@rekey/runtime";
import { ledgerSuite } from "../ledger.suite.ts";
import { openMemoryLedger } from "./ledger.ts";

const startedAt = Date.parse("2026-03-02T12:00:00.000Z");

ledgerSuite({
  name: "memory",
  open: async () => {
    let passed = 0;
    const ledger = openMemoryLedger({ now: () => startedAt + passed, newId, build: "test" });
    const elapse = async (milliseconds: number): Promise<void> => {
      passed += milliseconds;
    };
    return { subject: { ledger, elapse }, close: async () => await ledger.close() };
  },
});
