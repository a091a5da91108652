import { setTimeout as sleep } from "node:timers/promises";

export type EventuallyOptions = { readonly withinMs?: number; readonly everyMs?: number };

// A bound for what hangs, no measure: a busy machine is slower by far than a quiet one.
const withinDefaultMs = 20_000;
const everyDefaultMs = 10;

/**
 * Waits until `check` answers something other than false without throwing, and gives the answer.
 * After the limit it throws what the last check said.
 */
export async function eventually<Answer>(
  check: () => Answer | Promise<Answer>,
  options: EventuallyOptions = {},
): Promise<Exclude<Awaited<Answer>, false>> {
  const { withinMs = withinDefaultMs, everyMs = everyDefaultMs } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const outcome = await attempt(check);
    if ("answer" in outcome) return outcome.answer as Exclude<Awaited<Answer>, false>;
    if (performance.now() >= deadline) {
      const reason = outcome.error instanceof Error ? outcome.error.message : "it stayed false";
      throw new Error(`not within ${withinMs} ms: ${reason}`, { cause: outcome.error });
    }
    await sleep(everyMs);
  }
}

async function attempt(check: () => unknown): Promise<{ answer: unknown } | { error: unknown }> {
  try {
    const answer = await check();
    return answer === false ? { error: undefined } : { answer };
  } catch (error) {
    return { error };
  }
}
