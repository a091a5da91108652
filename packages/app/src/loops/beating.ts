import { beat, type BeatParts } from "@rekey/engine";
import type { WallClock } from "@rekey/runtime";
import { every } from "./every.ts";
import type { Supervised } from "./supervised.ts";

/** A process that was silent for 10 s counts as dead. */
const beatMs = 2_000;

/** Says that this process lives. */
export const beatingLoop = async (
  parts: BeatParts & { readonly clock: WallClock },
  supervised: Supervised,
): Promise<void> =>
  await supervised("beat", async (signal) => {
    await every({ signal, clock: parts.clock, atMostMs: beatMs }, async () => await beat(parts));
  });
