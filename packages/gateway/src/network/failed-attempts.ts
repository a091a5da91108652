import { isIPv6 } from "node:net";
import type { Clock } from "@rekey/domain";

/** Failed credentials of one address that are answered one by one; each is given back after `refillMs`. */
const burstMax = 10;
const refillMs = 6_000;
/** Addresses that are remembered; of more, the one that failed longest ago is forgotten. */
const addressesMax = 10_000;

type Attempt = "counted" | "first-over" | "over";

/** A bounded rate of failed credentials per remote address. What is accepted is never counted or held up. */
export interface FailedAttempts {
  /** Counts one failure. `first-over`: the first one beyond the rate, which is the one to log. */
  failed(address: string): Attempt;
}

interface Bucket {
  readonly used: number;
  readonly at: number;
  readonly isOver: boolean;
}

export const createFailedAttempts = (clock: Clock): FailedAttempts => {
  const buckets = new Map<string, Bucket>();
  return {
    failed: (address) => {
      const key = networkOf(address);
      const now = clock.monotonicMs();
      const before = buckets.get(key) ?? { used: 0, at: now, isOver: false };
      const used = Math.max(0, before.used - (now - before.at) / refillMs) + 1;
      const isOver = used > burstMax;
      buckets.delete(key);
      buckets.set(key, { used: Math.min(used, burstMax), at: now, isOver });
      if (buckets.size > addressesMax) buckets.delete(buckets.keys().next().value ?? "");
      if (!isOver) return "counted";
      return before.isOver ? "over" : "first-over";
    },
  };
};

/** Seconds until one more is answered. */
export const retryAfterSeconds = Math.ceil(refillMs / 1_000);

/** Whoever has one address of IPv6 usually has a whole /64 of them. */
const networkOf = (address: string): string => {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const after = (tail ?? "").split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  const zeros = Array.from({ length: Math.max(0, missing) }, () => "0");
  return [...groups, ...zeros, ...after].slice(0, 4).join(":");
};
