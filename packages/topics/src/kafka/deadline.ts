import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { withinLimit } from "@rekey/runtime";

const late = (): never => {
  throw new Fault("TOPICS_UNREACHABLE", { providerCode: "DEADLINE", unknownOutcome: true });
};

/** `work`, or a Fault after so long; what is late goes on unwatched. */
export const within = async <Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
): Promise<Value> => await withinLimit(work, { clock, limitMs: milliseconds, onLate: late });
