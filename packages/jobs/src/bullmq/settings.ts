// A new job wakes a worker; this is the fallback when the wake-up is lost.
const pollSeconds = 5;
const reconnectMs = 1_000;

/** The event stream is written whether read or not. */
export const eventsMax = 100;

/** Of every worker, whatever stores its jobs. */
export const workerSettings = {
  autorun: false,
  drainDelay: pollSeconds,
  // Crashes of a process must not use up a hint: the ledger decides how often work is tried.
  maxStalledCount: 10,
  runRetryDelay: reconnectMs,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};
