import { Fault, type Clock } from "@rekey/domain";
import type { DocumentView } from "./document-view.ts";
import type { ConsumerLimits } from "./limits.ts";
import type { Running } from "./ports.ts";

interface Waiting extends Running {
  readonly clock: Clock;
}

/** Ends early, without an error, when everything ends. */
export const pause = async ({ clock, signal }: Waiting, milliseconds: number): Promise<void> => {
  await clock.sleep(milliseconds, signal).catch(() => {});
};

/** Looks until there is a value. Throws the last fault, or STORE_VALUE_MISSING, when `openWithinMs` is over. */
export const waitForFirst = async (
  view: DocumentView,
  waiting: Waiting & { readonly limits: ConsumerLimits },
): Promise<void> => {
  const { clock, limits, signal } = waiting;
  const until = clock.monotonicMs() + limits.openWithinMs;
  let failure: unknown;
  while (!signal.aborted) {
    failure = undefined;
    await view.refresh().catch((error: unknown) => (failure = error));
    if (view.hasValue()) return;
    if (clock.monotonicMs() >= until) break;
    await pause(waiting, limits.pollMs);
  }
  throw failure instanceof Error ? failure : new Fault("STORE_VALUE_MISSING");
};

/** Waits for work that ends by itself, but not for ever. */
export const settleWithin = async (
  work: Promise<unknown>,
  clock: Clock,
  milliseconds: number,
): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(milliseconds, resolve);
  await Promise.race([work, promise]);
  cancel();
};
