import type { Clock } from "@rekey/domain";
import { errorOf, isSuccess, type Reply } from "./answer.ts";
import { VaultError } from "./error.ts";

/** Longest pause kept here; a longer one is told to the caller with each refusal. */
const pauseMaxMs = 5_000;

/** Remembers that Vault asked for a slower pace: until then nothing is sent. */
export interface Pace {
  /** Throws VaultError `throttled` while the pause lasts. */
  refuse(): void;
  hear(reply: Reply): void;
}

export const createPace = (clock: Clock): Pace => {
  let untilMs = -Infinity;
  return {
    refuse: () => {
      const retryAfterMs = Math.ceil(untilMs - clock.monotonicMs());
      if (retryAfterMs <= 0) return;
      throw new VaultError({ kind: "throttled", providerCode: "PAUSED", retryAfterMs });
    },
    hear: (reply) => {
      if (isSuccess(reply)) return;
      const { kind, retryAfterMs = 0 } = errorOf(reply, false);
      if (kind !== "throttled") return;
      untilMs = clock.monotonicMs() + Math.min(pauseMaxMs, retryAfterMs);
    },
  };
};
