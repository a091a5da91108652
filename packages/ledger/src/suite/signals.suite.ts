import { createHash } from "node:crypto";
import {
  signalId,
  type Admitted,
  type AdmitRequest,
  type ReceivedSignal,
  type Signal,
} from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { capabilities, issuer, type LedgerWorld } from "./world.suite.ts";

export const fingerprintOf = (name: string): { scheme: string; value: string } => ({
  scheme: "hmac-sha256:p1",
  value: createHash("sha256").update(name).digest("hex"),
});

const signal = (given: Partial<Signal> = {}): Signal => ({
  eventId: newId(),
  kind: "exposure",
  disposition: "act",
  effect: "expose",
  locators: [],
  public: true,
  severity: "critical",
  confidence: "valid",
  occurredAt: Date.parse("2026-03-02T09:15:04.120Z"),
  confidentiality: "open",
  dedupeKey: "one",
  source: { system: "scanner.example", feed: "commits", rawDigest: "" },
  ...given,
});

export const received = (
  given: Partial<Signal> = {},
  edge: Partial<ReceivedSignal> = {},
): ReceivedSignal => {
  const content = signal(given);
  return {
    id: signalId(newId()),
    signal: content,
    canonicalDigest: createHash("sha256").update(JSON.stringify(content)).digest("hex"),
    authentication: { producer: "scanner", method: "signed-record", trusted: true },
    coordinates: `rekey.in.scanner/0/${content.eventId}`,
    ...edge,
  };
};

/** A leak of one version, by name. */
export const leakOf = (name: string, given: Partial<Signal> = {}): ReceivedSignal =>
  received({ locators: [{ scheme: "rekey", value: name }], ...given });

/** A person asks for a rotation. */
export const asked = (name: string, given: Partial<Signal> = {}): ReceivedSignal =>
  received({
    kind: "manual",
    effect: "rotate",
    locators: [{ scheme: "rekey", value: name }],
    source: { system: "rekey", feed: "local:grace", rawDigest: "" },
    ...given,
  });

export const requestOf = (...signals: readonly ReceivedSignal[]): AdmitRequest => ({
  signals,
  capabilities: { [issuer]: capabilities },
  worker: "intake-1",
});

export const admitOne = async (world: LedgerWorld, one: ReceivedSignal): Promise<Admitted> => {
  const [answer] = await world.ledger.admit(requestOf(one));
  if (answer === undefined) throw new Error("a signal without an answer");
  return answer;
};
