/** The part of AbortSignal that the domain relies on: it has neither DOM nor Node types. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Every outside call carries its own end. */
export interface Call {
  readonly signal: Cancellation;
  /** Longest the call may take: at most the remaining hold minus 2 s. */
  readonly deadlineMs: number;
  /** `rotation/step/version/attempt`: the same key means the same effect. */
  readonly key: string;
}
