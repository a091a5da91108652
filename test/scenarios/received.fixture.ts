import { canonicalDigest } from "@rekey/contracts";
import { signalId, type ReceivedSignal, type Signal } from "@rekey/domain";
import type { TickParts } from "@rekey/engine";

/** A signal as a trusted scanner's record brings it. */
export const receivedIn = async (
  parts: TickParts,
  signal: Partial<Signal> & Pick<Signal, "kind">,
): Promise<ReceivedSignal> => {
  const id = parts.newId();
  const whole: Signal = {
    eventId: id,
    disposition: "act",
    locators: [],
    public: false,
    severity: "high",
    confidence: "unknown",
    occurredAt: (await parts.ledger.check()).now,
    confidentiality: "open",
    dedupeKey: id,
    source: { system: "test", feed: "test", rawDigest: "" },
    ...signal,
  };
  return {
    id: signalId(parts.newId()),
    signal: whole,
    canonicalDigest: canonicalDigest(whole),
    authentication: { producer: "scanner", method: "local-socket", trusted: true },
    coordinates: "test",
  };
};
