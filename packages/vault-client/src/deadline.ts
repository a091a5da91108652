import type { Call, Clock } from "@rekey/domain";
import { VaultError } from "./error.ts";

/** The end of one call: its deadline or its signal, whichever comes first. */
export interface Deadline {
  remainingMs(): number;
  /** Calls back once when the end has come, at once if it has; the answer cancels. */
  onEnd(callback: (code: "DEADLINE" | "ABORTED") => void): () => void;
  /** The work's outcome, or VaultError `timeout` at the end; the work goes on for others. */
  race<Value>(work: Promise<Value>): Promise<Value>;
}

export const deadlineOf = (call: Pick<Call, "signal" | "deadlineMs">, clock: Clock): Deadline => {
  const endsAt = clock.monotonicMs() + call.deadlineMs;
  const remainingMs = (): number => Math.max(0, endsAt - clock.monotonicMs());
  const onEnd: Deadline["onEnd"] = (callback) => {
    const cancel = clock.after(remainingMs(), () => end("DEADLINE"));
    const onAbort = (): void => end("ABORTED");
    const stop = (): void => {
      cancel();
      call.signal.removeEventListener("abort", onAbort);
    };
    const end = (code: "DEADLINE" | "ABORTED"): void => {
      stop();
      callback(code);
    };
    call.signal.addEventListener("abort", onAbort, { once: true });
    if (call.signal.aborted) onAbort();
    return stop;
  };
  return {
    remainingMs,
    onEnd,
    race: async (work) => {
      const over = Promise.withResolvers<never>();
      const stop = onEnd((code) =>
        over.reject(new VaultError({ kind: "timeout", providerCode: code })),
      );
      try {
        return await Promise.race([work, over.promise]);
      } finally {
        stop();
      }
    },
  };
};
