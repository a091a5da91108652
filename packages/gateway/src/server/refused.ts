import { statusOf, type Refused } from "@rekey/contracts";
import { adviceOf, Fault, type Problem, type Refusal } from "@rekey/domain";
import type { Log } from "@rekey/runtime";

/** An answer that is no success: the body of the contract and its HTTP status. */
export interface RefusedAnswer {
  readonly status: number;
  readonly body: Refused;
}

/** Longest lists of problems that are answered, as the contract bounds them. */
const problemsMax = 100;

export const refusedAnswer = ({ refused, reason, problems }: Refusal): RefusedAnswer => ({
  status: statusOf(refused),
  body: {
    refused,
    reason,
    ...(problems !== undefined && { problems: problems.slice(0, problemsMax) }),
  },
});

export const invalid = (reason: string, problems: readonly Problem[]): Refusal => ({
  refused: "INVALID",
  reason,
  problems,
});

interface Failure {
  readonly error: unknown;
  readonly requestId: string;
  readonly route: string;
  readonly keeps: Keeps;
}

/** What a call leaves when it succeeds: nothing, a record on the topic as its last act, or rows in the ledger. */
export type Keeps = "nothing" | "record" | "rows";

/** A fault answers with its code and what to do next; anything else is our own bug and says nothing but where to look. */
export const failureAnswer = (
  { error, requestId, route, keeps }: Failure,
  log: Log,
): RefusedAnswer => {
  if (error instanceof Fault) {
    log.warn("request met a fault", { route, requestId, error });
    const { text, next } = adviceOf(error);
    const said = error.providerCode === undefined ? text : `${text} (${error.providerCode})`;
    const reason = `${said}; next: ${next}${repeatable(error, keeps)}`;
    const body = { refused: error.code, reason };
    return { status: statusOf(error.code), body };
  }
  const status = clientStatus(error);
  if (status !== undefined) return { status, body: unreadable };
  log.error("request failed", { route, requestId, error });
  const reason = `an unexpected failure; the gateway's log has it under request ${requestId}`;
  return { status: 500, body: { refused: "INTERNAL", reason } };
};

// A person has to know whether to ask again, and what was answered last is all that we know.
const repeatable = ({ code, unknownOutcome }: Fault, keeps: Keeps): string => {
  const isLedger = code === "LEDGER_UNREACHABLE";
  if (isLedger && keeps === "nothing") return "";
  if (isLedger && keeps === "rows") return "; it may have been done: it is safe to repeat";
  if (!isLedger && code !== "TOPICS_UNREACHABLE" && code !== "TOPIC_REJECTED") return "";
  return unknownOutcome
    ? "; it may have been taken in: a report is safe to repeat, a rotation is not before `rekey case list` was looked at"
    : "; nothing was taken in: it is safe to repeat";
};

const unreadable: Refused = { refused: "INVALID", reason: "the request cannot be read as HTTP" };

// What the HTTP library refuses by itself: its texts quote the request, so only the status is kept.
const clientStatus = (error: unknown): number | undefined => {
  const { statusCode } = error as { statusCode?: unknown };
  const isClient = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isClient ? statusCode : undefined;
};
