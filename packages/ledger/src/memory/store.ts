import type { Instant, LedgerIdentity, NewId } from "@rekey/domain";
import { draftOf, type Draft } from "../rows/draft.ts";
import { applyChanges, type LedgerState } from "./state.ts";

export interface MemoryOptions {
  readonly now: () => Instant;
  readonly newId: NewId;
  readonly build: string;
  /** Where the state is kept; the default never changes. */
  readonly identity?: () => LedgerIdentity;
}

/** A state and the two ways to use it: a command leaves another state, a query leaves it as it is. */
export interface StateStore {
  readonly run: <Answer>(command: (draft: Draft) => Answer) => Promise<Answer>;
  readonly ask: <Answer>(query: (draft: Draft) => Answer) => Promise<Answer>;
  readonly state: () => LedgerState;
  readonly identity: () => LedgerIdentity;
}

const oneMemory: LedgerIdentity = { system: "memory", timeline: 1 };

/** One command at a time, each whole: a command that throws leaves the state as it was. */
export const storeOf = (first: LedgerState, options: MemoryOptions): StateStore => {
  let state = first;
  const draft = (nextSequence: () => number): Draft =>
    draftOf(state.tables, {
      now: options.now(),
      newId: options.newId,
      build: options.build,
      nextSequence,
    });
  return {
    run: async (command) => {
      let { sequence } = state;
      const working = draft(() => ++sequence);
      const answer = command(working);
      state = applyChanges(state, working.changes(), sequence);
      return answer;
    },
    ask: async (query) => query(draft(() => state.sequence)),
    state: () => state,
    identity: options.identity ?? (() => oneMemory),
  };
};
