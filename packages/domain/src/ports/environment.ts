import type { Cancellation } from "./call.ts";

/** Time for safety durations: monotonic, never the wall. Making things due is PostgreSQL's clock alone. */
export interface Clock {
  monotonicMs(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: Cancellation): Promise<void>;
  /** Calls back once; the answer cancels. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** UUID version 7 texts. */
export type NewId = () => string;

/** Uniform in [0, 1): jitter only, never secrets. */
export type Randomness = () => number;

/** A named line that does nothing unless a test's main.ts injects something that crashes, stops or throws there. */
export type Failpoint = (name: string) => Promise<void>;

/** Parallel work goes through a port, so that the simulator stays exact. */
export type Parallel = <Value>(tasks: readonly (() => Promise<Value>)[]) => Promise<Value[]>;

export interface Abort {
  readonly signal: Cancellation;
  abort(reason: unknown): void;
}
export type NewAbort = () => Abort;

export const urgencies = ["page", "today", "note"] as const;
export type Urgency = (typeof urgencies)[number];

/** Sent from the outbox; `dedupeKey` makes a second delivery harmless. */
export interface Notice {
  readonly to: "owner" | "approvers" | "on-call";
  readonly about: string;
  readonly text: string;
  readonly dedupeKey: string;
  readonly urgency: Urgency;
}

export interface Notifier {
  notify(notice: Notice): Promise<void>;
}

/** Boundaries and state changes, once each: a constant message and allow-listed fields. Never an audit event. */
export interface EngineLog {
  info(message: string, fields: EngineLogFields): void;
  warn(message: string, fields: EngineLogFields): void;
  error(message: string, fields: EngineLogFields): void;
}

export interface EngineLogFields {
  readonly credential?: string;
  readonly version?: number;
  readonly rotation?: string;
  readonly case?: string;
  readonly watch?: string;
  readonly step?: string;
  readonly code?: string;
  readonly providerCode?: string;
  readonly count?: number;
  readonly durationMs?: number;
  readonly error?: unknown;
}
