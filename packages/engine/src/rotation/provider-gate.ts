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

/** Answers that only a provider that is there can give. */
const answered: ReadonlySet<string> = new Set([
  "PROOF_STILL_ALIVE",
  "VERIFY_REFUSED",
  "VERIFY_PRIVILEGES",
]);

/** Nothing new to say: calls flow, and none failed before. */
const isSound = ({ claim }: Turn): boolean =>
  claim.gate.state === "open" && claim.gate.failures === 0;

/** A call that succeeded opens a gate that was not open, and forgets earlier failures. */
export const reportReached = async (turn: Turn, step: PlannedStep): Promise<void> => {
  if (issuerless.has(step.kind) || isSound(turn)) return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok: true,
    jitter: turn.parts.random(),
  });
};

export const reportToGate = async (turn: Turn, fault: Fault): Promise<void> => {
  if (!fault.code.startsWith("PROVIDER_") && !answered.has(fault.code)) return;
  const ok = !unreachable.has(fault.code);
  if (ok && isSound(turn)) return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok,
    jitter: turn.parts.random(),
  });
};
