import { silentLog } from "@rekey/runtime";
import { expect, vi } from "vitest";
import { soon } from "./world.suite.ts";

/**
 * A log that counts what a lane's backend fails with while it is away: tens in some seconds. Who asks without a pause
 * meets thousands, and on a busy machine still several times as many as with it.
 */
export function countErrors({ perSecondMax }: { readonly perSecondMax: number }) {
  let errors = 0;
  const beganAtMs = performance.now();
  return {
    log: { ...silentLog, debug: () => void (errors += 1) },
    expectSome: () => vi.waitFor(() => expect(errors).toBeGreaterThan(0), soon),
    /** By their rate: the machine alone decides how long an outage of some seconds becomes. */
    expectTens: () => {
      const seconds = (performance.now() - beganAtMs) / 1_000;
      expect(errors).toBeLessThan(perSecondMax * seconds);
    },
  };
}
