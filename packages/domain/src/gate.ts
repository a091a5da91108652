import { backoffMs } from "./backoff.ts";
import { issuerId, type IssuerId, type StoreId } from "./ids.ts";
import { minute, second, type Instant } from "./instant.ts";

export const gateStates = ["open", "half-open", "closed"] as const;
export type GateState = (typeof gateStates)[number];

/** An issuer's instance, or a store's as `storeGate` names it. */
export type GateName = IssuerId;

/** A store's gate stands beside the issuers' under a name that no instance can have. */
export const storeGate = (store: StoreId): GateName => issuerId(`store/${store}`);

/** One row per provider instance: whether calls may go there. Open means calls flow. */
export interface ProviderGate {
  readonly issuer: GateName;
  readonly state: GateState;
  readonly failures: number;
  /** While closed: when one asking call may be made. */
  readonly retryAt: Instant;
  /** When a call was last let through, or the last one failed; absent where an older build wrote the row. */
  readonly askedAt?: Instant | undefined;
}

/** Failures in a row that close a gate. */
export const gateClosesAt = 3;
/** A half-open gate whose asking call never reported is tried again after this. */
export const gateProbeTimeoutMs = 15 * second;
/** A closed gate lets a call ask again at the latest after this: it is one call for the whole installation. */
export const gateRetryMaxMs = 5 * second;
/** A containment asks by itself when nobody has asked for this long, whatever the gate waits for. */
export const containmentAskMs = 1.5 * second;

export const openGate = (issuer: GateName): ProviderGate => ({
  issuer,
  state: "open",
  failures: 0,
  retryAt: 0,
});

/** Whether a call may be made, and the gate after asking: a closed gate whose time has come lets one call through. */
export const askGate = (
  gate: ProviderGate,
  now: Instant,
  { contains }: { readonly contains: boolean },
): { readonly allowed: boolean; readonly gate: ProviderGate } => {
  if (gate.state === "open") return { allowed: true, gate };
  if (now < gate.retryAt && !(contains && now >= containmentMayAskAt(gate)))
    return { allowed: false, gate };
  const retryAt = Math.max(keptWish(gate), now + gateProbeTimeoutMs);
  return { allowed: true, gate: { ...gate, state: "half-open", retryAt, askedAt: now } };
};

export const containmentMayAskAt = ({ askedAt = 0 }: ProviderGate): Instant =>
  askedAt + containmentAskMs;

/** A provider's wish (Retry-After) is longer than anything a gate would wait by itself; a containment's call leaves it in force. */
const keptWish = ({ retryAt, askedAt = 0 }: ProviderGate): Instant =>
  retryAt > askedAt + gateProbeTimeoutMs ? retryAt : 0;

/** The gate after the call let through at `askedAt` was given back unmade: whoever asks next has it. Any other call stays. */
export const returnCall = (
  gate: ProviderGate,
  { askedAt, now }: { readonly askedAt: Instant; readonly now: Instant },
): ProviderGate =>
  gate.state === "half-open" && gate.askedAt === askedAt
    ? { ...gate, state: "closed", retryAt: Math.max(keptWish(gate), now) }
    : gate;

/** How a call ended: `jitter` is uniform in [0, 1), `retryAfterMs` a provider's own wish. */
interface CallEnd {
  readonly now: Instant;
  readonly jitter: number;
  readonly retryAfterMs?: number | undefined;
}

/** The gate after a call's end: `ok` also for refusals, which show that the provider answers. */
export const reportToGate = (
  gate: ProviderGate,
  ok: boolean,
  { now, jitter, retryAfterMs = 0 }: CallEnd,
): ProviderGate => {
  if (ok) return openGate(gate.issuer);
  const wishedAt = retryAfterMs > gateRetryMaxMs ? now + retryAfterMs : 0;
  // Calls that were under way when it closed say nothing new: only the asking call counts, and a wish.
  if (gate.state === "closed")
    return wishedAt > gate.retryAt ? { ...gate, retryAt: wishedAt } : gate;
  const failures = gate.failures + 1;
  if (gate.state === "open" && failures < gateClosesAt) return { ...gate, failures };
  const retryMs = Math.min(backoffMs(failures, jitter), gateRetryMaxMs * (0.8 + 0.2 * jitter));
  const retryAt = Math.max(now + Math.round(retryMs), keptWish(gate), wishedAt);
  return { ...gate, failures, state: "closed", retryAt, askedAt: now };
};

/** What waits at a closed gate is woken when it opens. In between it looks as seldom as this, so that thousands cost little. */
const gateLookMaxMs = { urgent: 15 * second, planned: 2 * minute, sweep: 2 * minute } as const;

/**
 * When whoever was refused looks again, in case nobody is left who asks: after about as long as the provider has been away,
 * spread by `jitter`.
 */
export const gateLookAt = (
  gate: ProviderGate,
  { now, jitter, lane }: { now: Instant; jitter: number; lane: keyof typeof gateLookMaxMs },
): Instant => {
  const lookMs = Math.min(gateLookMaxMs[lane], gateRetryMaxMs * gate.failures);
  const since = gate.state === "closed" ? Math.max(now, gate.retryAt) : now;
  return since + Math.round(lookMs * (0.5 + jitter / 2));
};
