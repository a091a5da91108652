import { consumerId, credentialId, identityId, issuerId, policyName, signalId } from "../ids.ts";
import type { Credential } from "../inventory.ts";
import { dual, facts, version } from "../rotation/rotation.fixture.ts";
import type { ReceivedSignal, Signal } from "../signal.ts";
import { decideSignal } from "./decide.ts";
import type { IntakeDecision, IntakeSnapshot } from "./snapshot.ts";
import { caseKeyOf, type IntakeTarget } from "./subject.ts";

export const credential: Credential = {
  ...facts().credential,
  id: credentialId("payments-db"),
  identity: identityId("payments"),
  owner: identityId("team"),
  purpose: "payments",
  environment: "production",
  issuer: { instance: issuerId("main-db"), settings: {} },
  policy: policyName("standard"),
  consumers: [consumerId("billing")],
  exclusive: false,
  protected: false,
  control: false,
  declared: true,
  ended: false,
};

export const target: IntakeTarget = {
  credential,
  policy: facts().policy,
  versions: [version(1)],
  version: 1,
};

export const identity = {
  id: identityId("payments"),
  kind: "service",
  aliases: [],
  active: true,
} as const;

export const received = (
  part: Partial<Signal> = {},
  authentication: Partial<ReceivedSignal["authentication"]> = {},
): ReceivedSignal => ({
  id: signalId("signal"),
  canonicalDigest: "00",
  coordinates: "here",
  authentication: { producer: "scanner", method: "jwt", trusted: true, ...authentication },
  signal: {
    eventId: "1",
    kind: "exposure",
    disposition: "act",
    locators: [],
    public: true,
    severity: "high",
    confidence: "unknown",
    occurredAt: 900,
    confidentiality: "open",
    dedupeKey: "1",
    source: { system: "scanner", feed: "alerts", rawDigest: "00" },
    ...part,
  },
});

export type Given = Partial<Omit<IntakeSnapshot, "target" | "identity">> & {
  readonly target?: IntakeTarget | undefined;
  readonly identified?: boolean;
};

/** As the ledger does: the key follows from the signal and what its locators led to. */
export const decide = (from: ReceivedSignal, given: Given = {}): IntakeDecision => {
  const { identified, target: _given, ...rest } = given;
  const found = "target" in given ? given.target : target;
  const who = identified === true ? identity : undefined;
  const key = caseKeyOf(from.signal, found, who);
  return decideSignal(from, {
    now: 1_000,
    modes: [{ scope: "everything", name: "", mode: "act" }],
    pause: { paused: false, all: false },
    breakerUse: { kills: 0, containments: 0 },
    capabilities: dual,
    serviceKnown: true,
    newCaseId: () => "case-1",
    ...(found === undefined ? {} : { target: found }),
    ...(who === undefined ? {} : { identity: who }),
    ...(key === undefined ? {} : { key }),
    ...rest,
  });
};
