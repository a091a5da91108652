import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";

/** The answer of `work`, or a Fault when it failed or took longer; a later answer is dropped. */
export async function withinOrFault<Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
): Promise<Value> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => {
      reject(new Fault("JOBS_UNREACHABLE", { providerCode: "DEADLINE", unknownOutcome: true }));
    });
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw asJobsFault(error);
  } finally {
    cancel();
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

/** True when `work` settled in time; it goes on unwatched otherwise and its failure is dropped. */
export async function settledWithin(
  clock: Clock,
  milliseconds: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  return await withinOrFault(clock, milliseconds, settled).then(
    () => true,
    () => false,
  );
}
