import { newId } from "@rekey/runtime";
import { ledgerSuite } from "../ledger.suite.ts";
import type { MovableWorld } from "../suite/world.suite.ts";
import { openMemoryLedger } from "./ledger.ts";

const startedAt = Date.parse("2026-03-02T12:00:00.000Z");

ledgerSuite({
  name: "memory",
  open: async () => {
    let passed = 0;
    let identity = { system: "first", timeline: 1 };
    const ledger = openMemoryLedger({
      now: () => startedAt + passed,
      newId,
      build: "test",
      identity: () => identity,
    });
    const move: MovableWorld["move"] = async (to) => {
      identity =
        to === "another-system" ? { ...identity, system: "second" } : { ...identity, timeline: 2 };
    };
    const elapse = async (milliseconds: number): Promise<void> => {
      passed += milliseconds;
    };
    return { subject: { ledger, elapse, move }, close: async () => await ledger.close() };
  },
});
