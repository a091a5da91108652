import { Fault } from "@rekey/domain";
import type { FaultCode } from "@rekey/domain";

interface FailureFacts {
  /** SQLSTATE, Node's network code, or one of `deadline`, `aborted`, `connection-lost`. */
  readonly code: string;
  /** True once a statement may have reached the server. */
  readonly sent: boolean;
  /** Two sessions changed one role at the same moment: nothing happened, the same call may be repeated at once. */
  readonly concurrent?: boolean;
}

/**
 * What the server or the network said, reduced to codes: pg's own errors carry statements, details and
 * fragments "at or near" that could quote a verifier or a connection string, so they never leave connect.ts.
 */
export class ServerFailure extends Error {
  readonly code: string;
  readonly sent: boolean;
  readonly concurrent: boolean;

  constructor(facts: FailureFacts) {
    super(`postgres answered ${facts.code}`);
    this.name = "ServerFailure";
    this.code = facts.code;
    this.sent = facts.sent;
    this.concurrent = facts.concurrent ?? false;
  }
}

const sqlstate = /^[0-9A-Z]{5}$/;

// SQLSTATE by its longest known prefix; https://www.postgresql.org/docs/18/errcodes-appendix.html
const faultsByState: readonly (readonly [prefix: string, code: FaultCode])[] = [
  ["42501", "PROVIDER_DENIED"],
  ["28", "PROVIDER_DENIED"],
  ["53", "PROVIDER_THROTTLED"],
  ["57014", "PROVIDER_TIMEOUT"],
  ["40", "PROVIDER_TIMEOUT"],
  ["55P03", "PROVIDER_TIMEOUT"],
  ["57P", "PROVIDER_UNREACHABLE"],
  ["08", "PROVIDER_UNREACHABLE"],
  ["25006", "PROVIDER_UNREACHABLE"],
];
const connectionEnding = /^(08|57P)/;
const overdue = new Set(["deadline", "aborted"]);

/** The one place where the provider's words become the engine's. */
export function faultOf(error: unknown): unknown {
  if (!(error instanceof ServerFailure)) return error;
  return new Fault(faultCodeOf(error), {
    providerCode: error.code,
    unknownOutcome: outcomeUnknown(error),
    cause: error,
  });
}

function faultCodeOf(failure: ServerFailure): FaultCode {
  if (failure.concurrent) return "PROVIDER_TIMEOUT";
  if (overdue.has(failure.code)) return "PROVIDER_TIMEOUT";
  if (!sqlstate.test(failure.code)) return "PROVIDER_UNREACHABLE";
  const known = faultsByState.find(([prefix]) => failure.code.startsWith(prefix));
  return known?.[1] ?? "PROVIDER_REJECTED";
}

// An error the server answered rolled its transaction back; a lost connection or a late reply tells nothing.
function outcomeUnknown(failure: ServerFailure): boolean {
  if (!failure.sent) return false;
  return !sqlstate.test(failure.code) || connectionEnding.test(failure.code);
}
