import type { Clock } from "@rekey/domain";

/** Wakes one waiter early; rung while nobody waits, the next wait ends at once. */
export interface Bell {
  ring(): void;
  wait(
    clock: Clock,
    pause: { readonly atMostMs: number; readonly signal?: AbortSignal },
  ): Promise<void>;
}

export const createBell = (): Bell => {
  let rung = false;
  const waiters = new Set<() => void>();
  return {
    ring: () => {
      rung = true;
      for (const wake of waiters) wake();
    },
    wait: async (clock, { atMostMs, signal }) => {
      if (!rung && signal?.aborted !== true) {
        await new Promise<void>((resolve) => {
          const finish = (): void => {
            cancel();
            waiters.delete(finish);
            signal?.removeEventListener("abort", finish);
            resolve();
          };
          const cancel = clock.after(atMostMs, finish);
          waiters.add(finish);
          signal?.addEventListener("abort", finish, { once: true });
        });
      }
      rung = false;
    },
  };
};
