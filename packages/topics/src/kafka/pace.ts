/** Milliseconds. Tests shorten them; a deployment has little reason to. */
export interface KafkaPace {
  /** Longest wait of one fetch: a record ends it at once, a stop waits for it. At most 500. */
  readonly pollMs: number;
  /** How long a silent member keeps its partitions; the broker's `group.min.session.timeout.ms` is below. */
  readonly sessionMs: number;
  /** Between two signs of life; a rebalance is noticed that late. */
  readonly heartbeatMs: number;
  /** How long a rebalance waits for members that do not come. */
  readonly rebalanceMs: number;
  /** Before a rejected batch comes again; doubles up to `redeliverMaxMs`. */
  readonly redeliverMs: number;
  readonly redeliverMaxMs: number;
  /** Before a consumer that ended is built again; doubles up to `rebuildMaxMs`. */
  readonly rebuildMs: number;
  readonly rebuildMaxMs: number;
  /** Without a successful poll for so long, the consumer is built again. */
  readonly staleMs: number;
  /** One request to a broker. */
  readonly requestMs: number;
  /** One append, retries included. */
  readonly appendMs: number;
}

export const kafkaPaceDefault: KafkaPace = {
  pollMs: 500,
  sessionMs: 10_000,
  heartbeatMs: 2_000,
  rebalanceMs: 30_000,
  redeliverMs: 250,
  redeliverMaxMs: 5_000,
  rebuildMs: 250,
  rebuildMaxMs: 5_000,
  staleMs: 60_000,
  requestMs: 10_000,
  appendMs: 15_000,
};
