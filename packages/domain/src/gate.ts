import { backoffMs } from "./backoff.ts";
import type { IssuerId } from "./ids.ts";
import type { Instant } from "./instant.ts";

export const gateStates = ["open", "half-open", "closed"] as const;
export type GateState = (typeof gateStates)[number];

/** One row per provider instance: whether calls may go there. Open means calls flow. */
export interface ProviderGate {
  readonly issuer: IssuerId;
  readonly state: GateState;
  readonly failures: number;
  /** While closed: when one probing call may be made. */
  readonly retryAt: Instant;
}

/** Failures in a row that close a gate. */
export const gateClosesAt = 3;
/** A half-open gate whose prober never reported is tried again after this. */
export const gateProbeTimeoutMs = 15_000;

export const openGate = (issuer: IssuerId): ProviderGate => ({
  issuer,
  state: "open",
  failures: 0,
  retryAt: 0,
});

/** Whether a call may be made, and the gate after asking: a closed gate whose time has come lets one call through. */
export const askGate = (
  gate: ProviderGate,
  now: Instant,
): { readonly allowed: boolean; readonly gate: ProviderGate } => {
  if (gate.state === "open") return { allowed: true, gate };
  if (now < gate.retryAt) return { allowed: false, gate };
  return {
    allowed: true,
    gate: { ...gate, state: "half-open", retryAt: now + gateProbeTimeoutMs },
  };
};

/** The gate after a call's end: `ok` also for refusals, which show that the provider answers. */
export const reportToGate = (
  gate: ProviderGate,
  ok: boolean,
  at: { now: Instant; jitter: number },
): ProviderGate => {
  if (ok) return openGate(gate.issuer);
  // Calls that were under way when it closed say nothing new: only the probing call counts.
  if (gate.state === "closed") return gate;
  const failures = gate.failures + 1;
  if (gate.state === "open" && failures < gateClosesAt) return { ...gate, failures };
  return { ...gate, failures, state: "closed", retryAt: at.now + backoffMs(failures, at.jitter) };
};
