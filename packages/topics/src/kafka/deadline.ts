import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";

/** `work`, or a Fault after so long; what is late goes on unwatched. */
export async function within<Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
): Promise<Value> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(milliseconds, () =>
      reject(new Fault("TOPICS_UNREACHABLE", { providerCode: "DEADLINE", unknownOutcome: true })),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
