import type { Fault, PlannedStep } from "@rekey/domain";
import type { Move } from "./move.ts";
import type { Turn } from "./turn.ts";

/** Steps that never call the issuer go on while its gate is closed. */
const issuerless: ReadonlySet<string> = new Set(["stage", "promote", "announce", "drain"]);

export const gateWait = async (turn: Turn, step: PlannedStep): Promise<Move | undefined> => {
  if (issuerless.has(step.kind) || turn.claim.gate.state === "open") return undefined;
  const { allowed, gate } = await turn.parts.ledger.gate(turn.claim.credential.issuer.instance);
  if (allowed) return undefined;
  return {
    move: "wait",
    for: "provider",
    until: gate.retryAt,
    reason: "the provider's gate is closed after failures",
  };
};

const unreachable: ReadonlySet<string> = new Set([
  "PROVIDER_UNREACHABLE",
  "PROVIDER_TIMEOUT",
  "PROVIDER_THROTTLED",
]);

/** A call that succeeded opens a gate that was not open. */
export const reportReached = async (turn: Turn, step: PlannedStep): Promise<void> => {
  if (issuerless.has(step.kind) || turn.claim.gate.state === "open") return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok: true,
    jitter: turn.parts.random(),
  });
};

export const reportToGate = async (turn: Turn, fault: Fault): Promise<void> => {
  if (!fault.code.startsWith("PROVIDER_")) return;
  const ok = !unreachable.has(fault.code);
  if (ok && turn.claim.gate.state === "open") return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok,
    jitter: turn.parts.random(),
  });
};
