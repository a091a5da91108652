import {
  admitBatchMax,
  type Capabilities,
  type IncomingBatch,
  type IncomingRecord,
  type ReceivedSignal,
  type RejectedInput,
} from "@rekey/domain";
import type { EngineParts } from "../parts.ts";
import { advanceHeld } from "../rotation/advance.ts";
import { createAheads } from "../rotation/ahead.ts";

/** Turns one record into a signal, or says why it cannot be understood or trusted. Pure; made where producers are wired. */
export type Normalise = (record: IncomingRecord) => readonly (ReceivedSignal | RejectedInput)[];

export interface IntakeParts extends EngineParts {
  readonly normalise: Normalise;
  readonly capabilities: Readonly<Record<string, Capabilities>>;
  /** Runs something beside the loop: an urgent containment must not hold back the next batch. */
  readonly beside: (work: () => Promise<void>) => void;
}

const isRejected = (input: ReceivedSignal | RejectedInput): input is RejectedInput =>
  "outcome" in input;

/** What a batch has started beside its caller. */
export interface Taken {
  readonly urgent: number;
}

/**
 * One batch of a topic: verify, normalise, admit in bounded transactions, and start what is urgent in this
 * process. Resolves when everything is recorded; only then the offset moves. Containment has been started
 * by then and goes on beside.
 */
export const takeBatch = async (parts: IntakeParts, batch: IncomingBatch): Promise<Taken> => {
  const inputs = batch.records.flatMap((record) => parts.normalise(record));
  const signals = inputs.filter((input): input is ReceivedSignal => !isRejected(input));
  let started = 0;
  for (let start = 0; start < signals.length; start += admitBatchMax)
    started += await admitSome(parts, signals.slice(start, start + admitBatchMax));
  // After the leaks of the same batch: nothing waits for what could not be read.
  const rejected = inputs.filter(isRejected);
  if (rejected.length > 0) await parts.ledger.rejectInputs(rejected);
  if (inputs.length > 0) parts.log.info("signals recorded", { count: signals.length });
  return { urgent: started };
};

/** One transaction; answers how many containments it has started. */
const admitSome = async (
  parts: IntakeParts,
  signals: readonly ReceivedSignal[],
): Promise<number> => {
  const { capabilities, worker } = parts;
  const aheads = createAheads(parts);
  try {
    await parts.failpoint("intake.before-admit");
    const heldSinceMs = parts.clock.monotonicMs();
    const { foresee: foreseen } = aheads;
    const admitted = await parts.ledger.admit({ signals, capabilities, worker, foreseen });
    await parts.failpoint("intake.after-admit");
    const urgent = admitted.filter((answer) => answer.urgent !== undefined);
    for (const answer of urgent) {
      const held = { ...answer, ahead: aheads.take(answer.urgent?.id) };
      parts.beside(async () => await advanceHeld(parts, held, heldSinceMs));
    }
    return urgent.length;
  } finally {
    aheads.drop();
  }
};
