import { memoryLedgerOf, openMemoryLedger, type MemoryLedger } from "@rekey/ledger";
import { newId } from "@rekey/runtime";
import type { LedgerUnderTest } from "./world.fixture.ts";

/** A ledger that can be put back to a state it had, as by a restore, while the world stays as it is. */
export const restorable = () => {
  const startedAt = Date.now();
  let moved = 0;
  let identity = { system: "first", timeline: 1 };
  const options = {
    now: () => startedAt + moved,
    newId,
    build: "test",
    identity: () => identity,
  };
  let current: MemoryLedger = openMemoryLedger(options);
  const ledger = new Proxy({} as MemoryLedger, {
    get: (_none, name) => Reflect.get(current, name) as unknown,
  });
  return {
    open: async (): Promise<LedgerUnderTest> =>
      await Promise.resolve({ ledger, moveOn: (milliseconds) => void (moved += milliseconds) }),
    save: () => current.state(),
    restore: (state: ReturnType<MemoryLedger["state"]>) => {
      current = memoryLedgerOf(options, state);
    },
    promote: () => {
      identity = { ...identity, timeline: identity.timeline + 1 };
    },
  };
};
