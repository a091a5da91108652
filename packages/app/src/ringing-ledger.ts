import type { Ledger } from "@rekey/domain";
import { ringAll, type Bells } from "./loops.ts";

/**
 * The same ledger, ringing where it has just left work: hints and events then leave at once, and polling is
 * only what catches the rest.
 */
export const ringingLedger = (ledger: Ledger, bells: Bells): Ledger => {
  const ring = <Answer>(answer: Answer): Answer => {
    ringAll(bells);
    return answer;
  };
  return {
    ...ledger,
    admit: async (request) => ring(await ledger.admit(request)),
    recordRotation: async (hold, commit) => ring(await ledger.recordRotation(hold, commit)),
    recordCase: async (hold, commit) => ring(await ledger.recordCase(hold, commit)),
    recordWatch: async (hold, commit) => ring(await ledger.recordWatch(hold, commit)),
    appendInput: async (request) => ring(await ledger.appendInput(request)),
    sight: async (request) => ring(await ledger.sight(request)),
    markSent: async (hold, ids) => ring(await ledger.markSent(hold, ids)),
    setPause: async (request) => ring(await ledger.setPause(request)),
    setMode: async (request) => ring(await ledger.setMode(request)),
    applyInventory: async (request) => ring(await ledger.applyInventory(request)),
    acknowledgeForeign: async (request) => ring(await ledger.acknowledgeForeign(request)),
    rejectInputs: async (inputs) => ring(await ledger.rejectInputs(inputs)),
    reportGate: async (request) => ring(await ledger.reportGate(request)),
  };
};
