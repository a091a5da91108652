import type { Announcement, Cancellation, ConsumerId } from "@rekey/domain";
import type { Value } from "./value.ts";

/** Where the value is read. */
export interface DocumentReader {
  /** The current value; undefined while there is none, and when the document still is the one with `knownDigest`. */
  read(
    knownDigest: string | undefined,
    signal: AbortSignal,
  ): Promise<(Value & { readonly digest: string }) | undefined>;
  /** How often it wants to be looked at without an announcement, where `limits.pollMs` says nothing. */
  readonly pollMs?: number;
  /** The reader ends with the consumer. */
  close?(): Promise<void>;
}

/** Announcements in order. Reading again from an older cursor gives the same ones: readers drop what they know. */
export interface AnnouncementFeed {
  /** Waits until there is something after `after`, at most as long as one poll; an empty list is an answer. */
  next(
    consumer: ConsumerId,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly announcements: readonly Announcement[]; readonly cursor: string }>;
}

/** Where signed statements of an instance go. Both may be sent twice. */
export interface AcknowledgementSink {
  moved(jws: string, signal: AbortSignal): Promise<void>;
  alive(jws: string, signal: AbortSignal): Promise<void>;
}

export type Activity = "document" | "announcements" | "handler" | "acknowledgement" | "heartbeat";

export type ProblemListener = (problem: {
  readonly during: Activity;
  readonly error: unknown;
}) => void;

/** What every loop gets. */
export interface Running {
  readonly signal: Cancellation & AbortSignal;
  readonly onProblem: ProblemListener;
}
