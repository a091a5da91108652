import type { Fingerprinter, Instant, Problem, Signal, SignalSource } from "@rekey/domain";

/** What the edge knows about a body that a format itself cannot say. */
export interface ProducerContext {
  /** When the body arrived, for formats that carry no time of their own. */
  readonly receivedAt: Instant;
  /** The configured producer that was authenticated; signals never speak for another. */
  readonly source: Pick<SignalSource, "system" | "tenant" | "feed">;
  readonly fingerprint: Fingerprinter;
  /** Headers of the record or request, where the format uses them. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

/** One outcome per element of the body: a signal, or a problem with the path of the element. */
export interface Normalised {
  readonly signals: readonly Signal[];
  readonly refused: readonly Problem[];
  /** The body was read before and not long ago: the signals are those of then, and no copies. */
  readonly isRemembered?: true;
}

/**
 * One producer's format. Pure: the body in, canonical signals out. A leaked value is fingerprinted and
 * dropped; it is in no signal and in no problem. Never throws for anything a body may hold.
 */
export interface Producer {
  readonly format: string;
  readonly bodyBytesMax: number;
  normalise(body: Uint8Array, context: ProducerContext): Normalised;
}

/** The whole body is refused. */
export const refuseBody = (problems: readonly Problem[]): Normalised => ({
  signals: [],
  refused: problems,
});

/** What one element of a body became. */
export type Outcome = { readonly signal: Signal } | { readonly problem: Problem };

/** Puts the outcomes of single elements together, in order. */
export const gather = (outcomes: readonly Outcome[]): Normalised => ({
  signals: outcomes.flatMap((outcome) => ("signal" in outcome ? [outcome.signal] : [])),
  refused: outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome.problem] : [])),
});
