import type { Clock } from "@rekey/domain";
import { attemptsMax, pauseMs, type ConsumerLimits } from "./limits.ts";
import type { Running } from "./ports.ts";
import type { Value } from "./value.ts";
import { pause } from "./waiting.ts";

/** Returns, or resolves, when the workload uses the value and no older one. Rejects to be called again. */
export type ChangeHandler = (value: Value, signal: AbortSignal) => Promise<void> | void;

export interface Delivery {
  offer(value: Value): void;
  add(handler: ChangeHandler): () => void;
  /** Another round for handlers that gave up. */
  retry(): void;
  /** Resolves when no handler is running. Never rejects. */
  settled(): Promise<void>;
}

interface Subscription {
  readonly handler: ChangeHandler;
  applied?: Value;
}

export interface DeliveryOptions extends Running {
  readonly clock: Clock;
  readonly limits: ConsumerLimits;
  /** Every handler has returned for this value, and none newer is known. */
  readonly onMoved: (value: Value) => void;
}

/** Gives values to handlers one call at a time; what is overtaken while a handler runs is never given. */
export const createDelivery = (options: DeliveryOptions): Delivery => {
  const { signal } = options;
  const subscriptions = new Set<Subscription>();
  let newest: Value | undefined;
  let moved: Value | undefined;
  let isRunning = false;
  let round: Promise<void> = Promise.resolve();

  const behind = (): Subscription | undefined =>
    [...subscriptions].find(({ applied }) => applied !== newest);

  const deliver = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted && newest !== undefined && failures < attemptsMax) {
      const subscription = behind();
      if (subscription === undefined) break;
      failures = (await apply(options, subscription, newest)) ? 0 : failures + 1;
      if (failures > 0) await pause(options, pauseMs(options.limits, failures));
    }
    isRunning = false;
    announceMove();
  };

  const announceMove = (): void => {
    const isComplete = subscriptions.size > 0 && behind() === undefined;
    if (signal.aborted || !isComplete || newest === undefined || newest === moved) return;
    moved = newest;
    options.onMoved(newest);
  };

  const start = (): void => {
    if (isRunning || signal.aborted || newest === undefined) return;
    isRunning = true;
    round = deliver();
  };

  return {
    offer: (value) => {
      newest = value;
      start();
    },
    add: (handler) => {
      const subscription: Subscription = { handler };
      subscriptions.add(subscription);
      start();
      return () => subscriptions.delete(subscription);
    },
    retry: start,
    settled: () => round,
  };
};

const apply = async (
  { signal, onProblem }: DeliveryOptions,
  subscription: Subscription,
  value: Value,
): Promise<boolean> => {
  try {
    await subscription.handler(value, signal);
    subscription.applied = value;
    return true;
  } catch (error) {
    onProblem({ during: "handler", error });
    return false;
  }
};
