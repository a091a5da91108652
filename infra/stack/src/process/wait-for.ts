import { setTimeout as sleep } from "node:timers/promises";

const everyMs = 20;

/** Asks again and again; false when the limit passed without a yes. What the question throws goes through. */
export const waitFor = async (
  question: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<boolean> => {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (await question()) return true;
    if (performance.now() >= deadline) return false;
    await sleep(everyMs);
  }
};
