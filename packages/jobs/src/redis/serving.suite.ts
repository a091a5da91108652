import type { Dispatcher, Hint } from "@rekey/domain";
import { leastMs, msOf } from "@rekey/testkit";
import { Redis } from "ioredis";
import { expect, vi } from "vitest";
import { freshHint } from "../suite/world.suite.ts";

/** What is promised after any outage: hints arrive again this long after Redis can be reached. */
const recoveredMs = 15_000;
/** A bound for what hangs, no measure: a busy machine is slower by far than a quiet one. */
export const recovery = { timeout: 60_000, interval: 50 };

export interface Served {
  readonly dispatcher: Dispatcher;
  readonly performed: readonly string[];
}

/** Serves the urgent lane and performed one hint already. */
export async function served(dispatcher: Dispatcher): Promise<Served> {
  const performed: string[] = [];
  await dispatcher.serve("urgent", 4, async (hint) => void performed.push(hint.id));
  await arrives({ dispatcher, performed });
  return { dispatcher, performed };
}

/** Ends when a hint of its own went in and came out. */
export async function arrives({ dispatcher, performed }: Served): Promise<void> {
  const hint = freshHint();
  await vi.waitFor(async () => {
    await dispatcher.invite("urgent", hint);
    await vi.waitFor(() => expect(performed).toContain(hint.id), { timeout: 500, interval: 5 });
  }, recovery);
}

/**
 * The promise, from the first answer that anybody gets: `outage` ends when Redis is whole again. Load makes a recovery
 * longer and never shorter, so the least of some counts.
 */
export async function recovers(
  { serving, url }: { readonly serving: Served; readonly url: string },
  outage: () => Promise<void>,
): Promise<void> {
  const recoveredAfterMs = async (): Promise<number> => {
    await outage();
    await answers(url);
    return await msOf(() => arrives(serving));
  };
  expect(await leastMs(recoveredMs, recoveredAfterMs)).toBeLessThan(recoveredMs);
}

/** Ends when a client that knows of no outage was answered. */
async function answers(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  try {
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** Ends when a hint that another invites came out. */
export async function arrivesFrom(other: Dispatcher, { performed }: Served): Promise<void> {
  const hint: Hint = freshHint();
  await other.invite("urgent", hint);
  await vi.waitFor(() => expect(performed).toContain(hint.id), recovery);
}

/** How the dispatcher's calls end, and that none takes longer than 2 s and a bit. */
export async function callsRefused(dispatcher: Dispatcher): Promise<readonly unknown[]> {
  const reasons: unknown[] = [];
  const asking = async (): Promise<void> => {
    const calls = [
      dispatcher.invite("urgent", freshHint()),
      dispatcher.outstanding("urgent"),
      dispatcher.lostContents(),
      dispatcher.check(),
    ];
    const ends = await Promise.allSettled(calls);
    for (const end of ends) expect(end).toMatchObject({ reason: { code: "JOBS_UNREACHABLE" } });
    reasons.push(...ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
  };
  expect(await leastMs(3_000, () => msOf(asking))).toBeLessThan(3_000);
  return reasons;
}
