import type { Clock } from "@rekey/domain";

/**
 * Vault locks a whole role for 15 minutes at the fifth login in a row that it refuses, for right secret ids too.
 * This counts the refusals of this process, so that its own probes never are the fifth.
 * https://developer.hashicorp.com/vault/docs/concepts/user-lockout
 */
export interface Attempts {
  /** Takes a place for one login; false when its refusal could lock the role. */
  begin(roleId: string): boolean;
  /** `uncounted`: Vault did not get as far as the secret id. What stays unknown may have counted. */
  end(roleId: string, outcome: "accepted" | "refused" | "uncounted"): void;
}

/** One less than the default threshold. */
export const refusalsMax = 4;
const countedMs = 15 * 60_000;
const rolesMax = 1_000;

interface Count {
  refusals: number;
  lastAt: number;
}

export function createAttempts({ monotonicMs }: Pick<Clock, "monotonicMs">): Attempts {
  const counts = new Map<string, Count>();
  const countOf = (roleId: string): Count => {
    const known = counts.get(roleId);
    if (known !== undefined && monotonicMs() - known.lastAt <= countedMs) return known;
    const fresh = { refusals: 0, lastAt: monotonicMs() };
    counts.delete(roleId);
    counts.set(roleId, fresh);
    const [oldest] = counts.keys();
    if (counts.size > rolesMax && oldest !== undefined) counts.delete(oldest);
    return fresh;
  };
  return {
    begin(roleId) {
      const count = countOf(roleId);
      if (count.refusals >= refusalsMax) return false;
      count.refusals += 1;
      count.lastAt = monotonicMs();
      return true;
    },
    end(roleId, outcome) {
      const count = countOf(roleId);
      if (outcome === "accepted") count.refusals = 0;
      if (outcome === "uncounted") count.refusals = Math.max(0, count.refusals - 1);
    },
  };
}
