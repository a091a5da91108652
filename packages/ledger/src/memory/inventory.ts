import type { Ledger } from "@rekey/domain";
import {
  acknowledgeForeign,
  announcementsFor,
  forgetInstances,
  forgetTokens,
  sight,
} from "../commands/consumers.ts";
import { gate, reportGate, returnGate } from "../commands/gates.ts";
import { applyInventory, checkInventory } from "../commands/inventory.ts";
import { rejectInputs, setMode, setPause } from "../commands/switches.ts";
import { consumerOf, pauseOf } from "../commands/views.ts";
import type { StateStore } from "./store.ts";

type Commands = Pick<
  Ledger,
  | "checkInventory"
  | "applyInventory"
  | "setMode"
  | "setPause"
  | "switches"
  | "acknowledgeForeign"
  | "rejectInputs"
  | "sight"
  | "forgetTokens"
  | "forgetInstances"
  | "announcementsFor"
  | "consumer"
  | "gate"
  | "reportGate"
  | "returnGate"
>;

/** What people declare and set, what consumers say, and the providers' gates. */
export const memoryInventory = ({ run, ask, identity }: StateStore): Commands => ({
  checkInventory: (inventory) => ask((draft) => checkInventory(draft, inventory)),
  applyInventory: (request) => run((draft) => applyInventory(draft, request)),
  setMode: (request) => run((draft) => setMode(draft, request)),
  setPause: (request) => run((draft) => setPause(draft, request, identity())),
  switches: () => ask((draft) => ({ modes: draft.rows("modes"), pause: pauseOf(draft) })),
  acknowledgeForeign: (request) => run((draft) => acknowledgeForeign(draft, request)),
  rejectInputs: (inputs) => run((draft) => rejectInputs(draft, inputs)),
  sight: (request) => run((draft) => sight(draft, request)),
  forgetTokens: () => run(forgetTokens),
  forgetInstances: (request) => run((draft) => forgetInstances(draft, request)),
  announcementsFor: (consumer) => ask((draft) => announcementsFor(draft, consumer)),
  consumer: (id) =>
    ask((draft) => {
      const row = draft.get("consumers", id);
      return row && consumerOf(row);
    }),
  gate: (request) => run((draft) => gate(draft, request)),
  reportGate: (report) => run((draft) => reportGate(draft, report)),
  returnGate: (request) => run((draft) => returnGate(draft, request)),
});
