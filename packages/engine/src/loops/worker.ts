import {
  caseId,
  Fault,
  rotationId,
  watchId,
  hintsOutstandingFactor,
  laneSlots,
  type Dispatcher,
  type Hint,
  type Lane,
  type Serving,
} from "@rekey/domain";
import { advanceCase } from "../case/advance.ts";
import type { EngineParts } from "../parts.ts";
import { advanceRotation } from "../rotation/advance.ts";
import { advanceWatching } from "../watch/advance.ts";

/** Acts on a hint: claims if work is due, otherwise nothing. */
export const actOnHint = async (
  parts: EngineParts,
  hint: Hint,
): Promise<"advanced" | "not-claimed"> => {
  switch (hint.kind) {
    case "case":
      return await advanceCase(parts, caseId(hint.id));
    case "rotation":
      return await advanceRotation(parts, rotationId(hint.id));
    case "watch":
      return await advanceWatching(parts, watchId(hint.id));
  }
};

/** Serves one lane: every hint is an invitation to claim. Errors are logged here, once, and never reach the dispatcher's store. */
export const serveLane = async (
  parts: EngineParts,
  dispatcher: Dispatcher,
  lane: Lane,
): Promise<Serving> =>
  await dispatcher.serve(lane, laneSlots[lane], async (hint) => {
    try {
      await actOnHint(parts, hint);
    } catch (error) {
      logStop(parts, hint, error);
    }
  });

/** Delayed jobs are made only for what is due this soon; the backlog stays in the ledger. */
const hintAheadMs = 60_000;

/**
 * Invites work that is due, at most 2 × slots outstanding per lane. Answers how many hints were given. A
 * dispatcher that is down is not an error: the caller claims from the ledger instead.
 */
export const inviteDue = async (
  parts: Pick<EngineParts, "ledger">,
  dispatcher: Dispatcher,
  lane: Lane,
): Promise<number> => {
  const room = laneSlots[lane] * hintsOutstandingFactor - (await dispatcher.outstanding(lane));
  if (room <= 0) return 0;
  const work = await parts.ledger.due({ lane, limit: room, withinMs: hintAheadMs });
  const { now } = work;
  for (const item of work.items) {
    const delayMs = Math.max(0, item.dueAt - now);
    await dispatcher.invite(
      lane,
      { kind: item.kind, id: item.id, generation: item.generation },
      { delayMs },
    );
  }
  return work.items.length;
};

/** Claims straight from the ledger: the urgent lane does so every second, every lane when the dispatcher is down. */
export const workFromLedger = async (parts: EngineParts, lane: Lane): Promise<number> => {
  const { items } = await parts.ledger.due({ lane, limit: laneSlots[lane], withinMs: 0 });
  const ends = await parts.parallel(
    items.map(
      (item) => async () =>
        await actOnHint(parts, item).catch((error: unknown) => logStop(parts, item, error)),
    ),
  );
  return ends.filter((end) => end === "advanced").length;
};

/** Claims from the ledger beside whoever calls: one slow provider never keeps the next urgent work waiting. */
export interface LedgerWorker {
  /** Starts what is due and fits into the lane's slots; answers how many. */
  round(): Promise<number>;
  /** Resolves when everything that was started has ended. */
  settled(): Promise<void>;
}

export const createLedgerWorker = (parts: EngineParts, lane: Lane): LedgerWorker => {
  const running = new Map<string, Promise<unknown>>();
  return {
    round: async () => {
      const room = laneSlots[lane] - running.size;
      if (room <= 0) return 0;
      const { items } = await parts.ledger.due({ lane, limit: laneSlots[lane], withinMs: 0 });
      const fresh = items.filter((item) => !running.has(item.id)).slice(0, room);
      for (const item of fresh) {
        const work = actOnHint(parts, item)
          .catch((error: unknown) => logStop(parts, item, error))
          .finally(() => running.delete(item.id));
        running.set(item.id, work);
      }
      return fresh.length;
    },
    settled: async () =>
      void (await parts.parallel([...running.values()].map((work) => async () => await work))),
  };
};

/** What is away comes back, and the work is claimed again; anything else is ours to mend. */
const logStop = (parts: EngineParts, item: Hint, error: unknown): "not-claimed" => {
  const { log } = parts;
  if (error instanceof Fault && error.action === "retry")
    log.warn("work waits for a part that is away", { [item.kind]: item.id, code: error.code });
  else log.error("work stopped", { [item.kind]: item.id, error });
  return "not-claimed";
};
