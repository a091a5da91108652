import type { Call } from "@rekey/domain";
import { ServerFailure } from "./failure.ts";

/** One call's end: its deadline or its signal, whichever comes first. */
export interface Deadline {
  /** `sent`: a statement may have reached the server when the time was up. */
  race<Value>(work: Promise<Value>, sent: boolean): Promise<Value>;
  remainingMs(): number;
  clear(): void;
}

export function deadlineOf(call: Call): Deadline {
  const over = Promise.withResolvers<string>();
  const endsAt = performance.now() + call.deadlineMs;
  const timer = setTimeout(() => over.resolve("deadline"), call.deadlineMs);
  const onAbort = (): void => over.resolve("aborted");
  if (call.signal.aborted) onAbort();
  call.signal.addEventListener("abort", onAbort, { once: true });
  return {
    race: (work, sent) => Promise.race([over.promise.then((code) => expire(code, sent)), work]),
    remainingMs: () => Math.max(1, Math.floor(endsAt - performance.now())),
    clear() {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", onAbort);
    },
  };
}

function expire(code: string, sent: boolean): never {
  throw new ServerFailure({ code, sent });
}
