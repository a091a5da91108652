import type { ReceivedSignal, SignalOutcome } from "../signal.ts";
import type { IntakeDecision, IntakeSnapshot } from "./snapshot.ts";
import { serviceOf } from "./subject.ts";

/** An outcome that writes nothing but itself. */
export const plain = (outcome: SignalOutcome, reason: string): IntakeDecision => ({
  outcome,
  reason,
  items: [],
});

/** What becomes of a signal that is about nothing we could open a case for: noted, or refused with what to do. */
export const withoutCase = (
  { signal }: ReceivedSignal,
  snapshot: IntakeSnapshot,
): IntakeDecision => {
  const name = serviceOf(signal);
  if (signal.kind === "lifecycle" && signal.effect === "advance") {
    if (name === undefined || signal.environment === undefined)
      return plain("refused", "a deployment names a service and an environment");
    if (!snapshot.serviceKnown)
      return plain("noted", `no consumer is declared for service ${name} in ${signal.environment}`);
    return {
      ...plain("noted", "consumers of the service may have moved"),
      // A clock that runs ahead must not count for announcements that are still to come.
      deployed: {
        service: name,
        environment: signal.environment,
        at: Math.min(signal.occurredAt, snapshot.now),
      },
    };
  }
  if (signal.kind === "exposure")
    return plain(
      "refused",
      "no version with this fingerprint or name is known: declare the credential, or report it by its name",
    );
  if (signal.kind === "offboarding")
    return plain(
      "refused",
      "no identity with this name is in the inventory: declare it, or correct the subject's ids",
    );
  if (signal.kind === "lifecycle" && (signal.effect === "retire" || signal.effect === "end-job")) {
    return plain(
      "refused",
      "a removal names a service and an environment; without one a person decides: report it with both",
    );
  }
  if (signal.kind === "manual" || signal.kind === "schedule")
    return plain("refused", "no credential with this name is in the inventory");
  return plain("noted", "recorded, nothing follows from it");
};
