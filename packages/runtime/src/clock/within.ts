import type { Clock } from "@rekey/domain";

export type TimeLimit<Late> = {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Gives, or throws, what is said instead of the answer that came too late. */
  readonly onLate: () => Late;
};

/** The outcome of `work`, or of `onLate` when the limit is over; what is late goes on unwatched. */
export async function withinLimit<Value, Late>(
  work: Promise<Value>,
  { clock, limitMs, onLate }: TimeLimit<Late>,
): Promise<Value | Late> {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(limitMs, over.resolve);
  try {
    return await Promise.race([work, over.promise.then(onLate)]);
  } finally {
    cancel();
  }
}

/** True when `work` settled in time; it goes on unwatched otherwise, and its failure is dropped. */
export async function settledWithin(
  clock: Clock,
  limitMs: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  return await withinLimit(settled, { clock, limitMs, onLate: () => false });
}
