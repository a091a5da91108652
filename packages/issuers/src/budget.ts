import type { Call } from "@rekey/domain";

/** The same call for several requests in turn: each sees only the time that the earlier ones left. */
export function budgetOf(call: Call): Call {
  const endsAt = performance.now() + call.deadlineMs;
  return {
    signal: call.signal,
    key: call.key,
    get deadlineMs() {
      return Math.max(1, Math.floor(endsAt - performance.now()));
    },
  };
}
