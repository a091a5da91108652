import type { Clock, Ledger } from "@rekey/domain";
import { ringAll, type Bells } from "../loops/bells.ts";

/**
 * What an urgent commit leaves to others rings this late: its containment runs in this event loop, and whoever
 * the bell wakes would compete with it for its first milliseconds.
 */
const afterUrgentMs = 25;

/**
 * The same ledger, ringing where it has just left work: hints and events then leave at once, and polling is
 * only what catches the rest.
 */
export const ringingLedger = (
  ledger: Ledger,
  bells: Bells,
  clock: Pick<Clock, "after">,
): Ledger => {
  const ring = <Answer>(answer: Answer): Answer => {
    ringAll(bells);
    return answer;
  };
  return {
    ...ledger,
    admit: async (request) => {
      const admitted = await ledger.admit(request);
      if (admitted.every(({ urgent }) => urgent === undefined)) return ring(admitted);
      clock.after(afterUrgentMs, () => ringAll(bells));
      return admitted;
    },
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
