import { minute, second } from "@rekey/domain";

/** Times in milliseconds. */
export interface ConsumerLimits {
  /** How often the document is looked at: the longest a change stays unseen while the feed is away. */
  readonly pollMs: number;
  /** An instance counts as seen for 15 minutes: three of these. */
  readonly heartbeatMs: number;
  /** How long opening waits for the first readable value. */
  readonly openWithinMs: number;
  /** How long closing waits for a running handler. */
  readonly closeWithinMs: number;
  /** First pause after a failure; it doubles up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
}

export const consumerLimits: ConsumerLimits = {
  pollMs: second,
  heartbeatMs: 5 * minute,
  openWithinMs: 30 * second,
  closeWithinMs: 5 * second,
  retryMs: 500,
  retryMsMax: 30 * second,
};

/** Tries of one handler call or one acknowledgement in a row; then it rests until the next heartbeat. */
export const attemptsMax = 5;

export const pauseMs = (limits: ConsumerLimits, failures: number): number =>
  Math.min(limits.retryMsMax, limits.retryMs * 2 ** Math.min(failures - 1, attemptsMax * 2));
