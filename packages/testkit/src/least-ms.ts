/** A busy machine makes one measure long now and then, hardly so many in a row. */
const measuresMax = 5;

/**
 * For promises about time: measures again until a measure is below `limitMs`, five times at most, and answers the
 * least. Load makes a measure longer and never shorter, and what waits for a timer or a deadline does so every time.
 */
export async function leastMs(limitMs: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let measures = 0; measures < measuresMax && least >= limitMs; measures += 1)
    least = Math.min(least, await measure());
  return least;
}

/** How long `work` takes, in milliseconds. */
export async function msOf(work: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now();
  await work();
  return performance.now() - beganAtMs;
}
