import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { withinLimit } from "@rekey/runtime";

const late = (): never => {
  throw new Fault("JOBS_UNREACHABLE", { providerCode: "DEADLINE", unknownOutcome: true });
};

/** The answer of `work`, or a Fault when it failed or took longer; a later answer is dropped. */
export async function withinOrFault<Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
): Promise<Value> {
  try {
    return await withinLimit(work, { clock, limitMs: milliseconds, onLate: late });
  } catch (error) {
    throw asJobsFault(error);
  }
}

/** The backend's own words stay in `cause`: they may quote what it was given. */
export function asJobsFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return new Fault("JOBS_UNREACHABLE", {
    cause: error,
    unknownOutcome: true,
    ...(typeof code === "string" ? { providerCode: code } : {}),
  });
}
