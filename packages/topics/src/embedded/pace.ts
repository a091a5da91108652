/** Milliseconds. Tests shorten them; a deployment has no reason to. */
export interface Pace {
  /** Longest time between two looks at the log; a wake-up only comes earlier. */
  readonly pollMs: number;
  /** How long a member that says nothing keeps its partitions. */
  readonly leaseMs: number;
  /** Between two signs of life; several must fit into the lease. */
  readonly beatMs: number;
  /** Before a rejected batch comes again; doubles up to `redeliverMaxMs`. */
  readonly redeliverMs: number;
  readonly redeliverMaxMs: number;
  /** Between two rounds of trimming. */
  readonly trimMs: number;
}

export const paceDefault: Pace = {
  pollMs: 1_000,
  leaseMs: 10_000,
  beatMs: 2_000,
  redeliverMs: 250,
  redeliverMaxMs: 5_000,
  trimMs: 60_000,
};
