import {
  containmentMayAskAt,
  gateLookAt,
  laneOf,
  storeGate,
  type Fault,
  type GateName,
  type PlannedStep,
  type ProviderGate,
  type StoreId,
} from "@rekey/domain";
import type { Move } from "./move.ts";
import type { Turn } from "./turn.ts";

/** Steps that never call the issuer go on while its gate is closed. */
const issuerless: ReadonlySet<string> = new Set(["stage", "promote", "announce", "drain"]);

/** Steps that get nowhere without the store. A containment stops what leaked and goes on. */
const storeBound: ReadonlySet<string> = new Set(["stage", "cutover", "verify", "promote", "prove"]);

/** Steps that cannot have ended well without an answer of the store; the others may have had the value in memory. */
const storeWriting: ReadonlySet<string> = new Set(["stage", "cutover", "promote"]);

/** Where a gate of the step does not let this turn through: when it asks again. */
export const gateWait = async (turn: Turn, step: PlannedStep): Promise<Move | undefined> => {
  const contains = step.kind === "contain";
  for (const { issuer, state } of gatesOf(turn, step)) {
    if (state === "open" || turn.letThrough.has(issuer)) continue;
    const { allowed, gate } = await turn.parts.ledger.gate({ issuer, contains });
    if (!allowed) return waitAt(turn, gate, contains);
    turn.letThrough.add(issuer);
    if (gate.state === "half-open") turn.untold.set(issuer, gate.askedAt ?? turn.now);
  }
  return undefined;
};

const gatesOf = ({ claim }: Turn, { kind }: PlannedStep): readonly ProviderGate[] => [
  ...(storeBound.has(kind) && claim.storeGate !== undefined ? [claim.storeGate] : []),
  ...(issuerless.has(kind) ? [] : [claim.gate]),
];

const waitAt = (turn: Turn, gate: ProviderGate, contains: boolean): Move => {
  const at = { now: turn.now, jitter: turn.parts.random(), lane: laneOf(turn.rotation) };
  const until = contains ? Math.min(gate.retryAt, containmentMayAskAt(gate)) : gateLookAt(gate, at);
  const whose = gate.issuer === turn.claim.storeGate?.issuer ? "store" : "provider";
  const reason = `the ${whose}'s gate is closed after failures`;
  return { move: "wait", for: "provider", until, reason };
};

/** Faults that say nothing about the one credential: nobody answers, or asks for a slower pace. */
export const awayCodes: ReadonlySet<string> = new Set([
  "PROVIDER_UNREACHABLE",
  "PROVIDER_TIMEOUT",
  "PROVIDER_THROTTLED",
  "STORE_UNREACHABLE",
]);

/** Answers that only a provider that is there can give. */
const answered: ReadonlySet<string> = new Set([
  "PROOF_STILL_ALIVE",
  "VERIFY_REFUSED",
  "VERIFY_PRIVILEGES",
]);

/** Nothing new to say: calls flow, and none failed before. */
const isSound = (gate: ProviderGate | undefined): boolean =>
  gate === undefined || (gate.state === "open" && gate.failures === 0);

/** A call that succeeded opens a gate that was not open, and forgets earlier failures. */
export const reportReached = async (turn: Turn, { kind }: PlannedStep): Promise<void> => {
  const { gate, storeGate: ofStore } = turn.claim;
  if (!issuerless.has(kind) && !isSound(gate))
    await report(turn, { issuer: gate.issuer, ok: true });
  const storeAnswered = storeWriting.has(kind) || turn.storeAnswered;
  turn.storeAnswered = false;
  turn.issuerAnswered = false;
  if (ofStore !== undefined && storeAnswered && !isSound(ofStore))
    await report(turn, { issuer: ofStore.issuer, ok: true });
};

/** Answers the gate that the fault is about, as it is after it; undefined where it says nothing about one. */
export const reportToGate = async (turn: Turn, fault: Fault): Promise<ProviderGate | undefined> => {
  const known = gateOf(turn, fault);
  if (known === undefined) {
    // Nobody's fault by name, as a try without an answer: the provider may well have been asked.
    if (!fault.code.startsWith("STORE_")) turn.untold.delete(turn.claim.gate.issuer);
    return undefined;
  }
  const ok = !awayCodes.has(fault.code);
  if (ok && isSound(known)) return known;
  const { retryAfterMs } = fault;
  return await report(turn, {
    issuer: known.issuer,
    ok,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};

const gateOf = ({ claim }: Turn, { code, provider }: Fault): ProviderGate | undefined => {
  if (code.startsWith("PROVIDER_") || answered.has(code)) return claim.gate;
  if (!code.startsWith("STORE_") || claim.storeGate === undefined) return undefined;
  const other = provider === undefined ? undefined : storeGate(provider as StoreId);
  // The control credential's value may be in another store, whose failures are not this one's.
  return other === undefined || other === claim.storeGate.issuer ? claim.storeGate : undefined;
};

const report = async (
  { parts, untold }: Turn,
  said: { readonly issuer: GateName; readonly ok: boolean; readonly retryAfterMs?: number },
): Promise<ProviderGate> => {
  untold.delete(said.issuer);
  return await parts.ledger.reportGate({ ...said, jitter: parts.random() });
};

/**
 * At a turn's end: a gate that let it through hears that somebody answered, or has its call back. Another gate refused,
 * the other party failed first, or the value was in memory.
 */
export const settleGates = async (turn: Turn): Promise<void> => {
  for (const [issuer, askedAt] of turn.untold) {
    const isStore = issuer === turn.claim.storeGate?.issuer;
    if (isStore ? turn.storeAnswered : turn.issuerAnswered)
      await report(turn, { issuer, ok: true });
    else await turn.parts.ledger.returnGate({ issuer, askedAt });
  }
};
