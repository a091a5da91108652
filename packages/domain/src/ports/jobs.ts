export const lanes = ["urgent", "planned", "sweep"] as const;
export type Lane = (typeof lanes)[number];

export const workKinds = ["case", "rotation", "watch"] as const;
export type WorkKind = (typeof workKinds)[number];

/** An invitation to claim, nothing more. Any hint, stale or not, only invites a claim if work is due. */
export interface Hint {
  readonly kind: WorkKind;
  readonly id: string;
  /** The fence when hinted: a new generation is a new job. */
  readonly generation: number;
}

/** Working slots per lane, and the factor of hints that may be outstanding. */
export const laneSlots: Readonly<Record<Lane, number>> = { urgent: 8, planned: 16, sweep: 2 };
export const hintsOutstandingFactor = 2;

/** Kinds of processes that call providers. */
export const callingKinds: readonly string[] = ["intake", "rotator"];

export interface Serving {
  /** Ends when running handlers ended, or after 2 s. */
  stop(): Promise<void>;
}

/** Lossy by contract: losing everything it holds loses nothing, the ledger's due query finds it again. */
export interface Dispatcher {
  /** Rejects at once when the backend is down; the caller then works from the ledger. Same hint twice is one job. */
  invite(lane: Lane, hint: Hint, options?: { readonly delayMs?: number }): Promise<void>;
  /** Hints waiting or running in a lane. */
  outstanding(lane: Lane): Promise<number>;
  serve(lane: Lane, slots: number, perform: (hint: Hint) => Promise<void>): Promise<Serving>;
  /** True once after the backend lost its contents since the last call (its epoch key is gone). */
  lostContents(): Promise<boolean>;
  check(): Promise<void>;
  close(): Promise<void>;
}
