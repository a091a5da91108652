import { silentLog } from "@rekey/runtime";
import { expect, vi } from "vitest";
import { soon } from "./world.suite.ts";

/** Who asks without a pause meets thousands. */
const errorsPerSecondMax = 50;

/** A log that counts what a lane's backend fails with while it is away. */
export function countErrors() {
  let errors = 0;
  const beganAtMs = performance.now();
  return {
    log: { ...silentLog, debug: () => void (errors += 1) },
    expectSome: () => vi.waitFor(() => expect(errors).toBeGreaterThan(0), soon),
    /** By their rate: the machine alone decides how long an outage of some seconds becomes. */
    expectTens: () => {
      const seconds = (performance.now() - beganAtMs) / 1_000;
      expect(errors).toBeLessThan(errorsPerSecondMax * seconds);
    },
  };
}
