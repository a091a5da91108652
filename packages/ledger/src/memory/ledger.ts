import type { Ledger } from "@rekey/domain";
import { behindOf } from "../commands/world.ts";
import { memoryInventory } from "./inventory.ts";
import { memoryJournal } from "./journal.ts";
import { memoryReads } from "./page-reads.ts";
import { emptyState, type LedgerState } from "./state.ts";
import { storeOf, type MemoryOptions } from "./store.ts";
import { memoryWork } from "./work.ts";

export type MemoryLedger = Ledger & { readonly state: () => LedgerState };

/** The ledger without a database: every command a pure function state → state, the model of the real one. */
export const openMemoryLedger = (options: MemoryOptions): MemoryLedger => memoryLedgerOf(options);

/** The same, going on from a state that another one came to. */
export const memoryLedgerOf = (
  options: MemoryOptions,
  state: LedgerState = emptyState,
): MemoryLedger => {
  const store = storeOf(state, options);
  return {
    ...memoryInventory(store),
    ...memoryWork(store),
    ...memoryJournal(store),
    ...memoryReads(store),
    check: () =>
      store.ask((draft) => ({ now: draft.now, server: { kind: "memory" }, ...behindOf(draft) })),
    close: async () => {},
    state: store.state,
  };
};
