import { tick, type SchedulerParts } from "@rekey/engine";
import type { WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface SchedulerKindParts extends SchedulerParts {
  readonly clock: WallClock;
}

const tickMs = 1_000;

/** The clock: what is due is found at least this often, whoever forgot to ring. */
export const schedulerLoop = async (
  parts: SchedulerKindParts,
  supervised: Supervised,
): Promise<void> =>
  await supervised("scheduler", async (signal) => {
    await every({ signal, clock: parts.clock, atMostMs: tickMs }, async () => await tick(parts));
  });
