import { createRequire } from "node:module";

// What kafkajs 2.2.4 has in src/network/requestQueue/index.js; it has no types of its own.
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}
interface RequestQueueClass {
  readonly prototype: RequestQueue & { scheduleCheckPendingRequests(): void };
}

const checkMs = 10;

/**
 * kafkajs re-arms a timer with a negative delay for ever, per connection: 5 % of a core when idle, and
 * a TimeoutNegativeWarning. A check is only needed while a request waits; whoever enqueues one asks for it.
 * The same as in packages/topics, which this room may not use: its tests use this one.
 */
export function repairIdleTimer(): void {
  const queueClass = createRequire(import.meta.url)(
    "kafkajs/src/network/requestQueue/index.js",
  ) as RequestQueueClass;
  queueClass.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : checkMs,
    );
  };
}
