import { inviteAll, type InviteParts } from "@rekey/engine";
import type { Bell, WallClock } from "@rekey/runtime";
import { every } from "./every.ts";
import type { Supervised } from "./supervised.ts";

interface InvitingParts extends InviteParts {
  readonly clock: WallClock;
  readonly due: Bell;
}

/** Nothing to do without a ring: the scheduler finds what nobody rang for. */
const quietMs = 60_000;

/** Hints for what this process has just made due, so that no other one has to find it by looking. */
export const invitingLoop = async (parts: InvitingParts, supervised: Supervised): Promise<void> =>
  await supervised("inviter", async (signal) => {
    const { clock, due } = parts;
    await due.wait(clock, { atMostMs: quietMs, signal });
    await every(
      { signal, clock, bell: due, atMostMs: quietMs },
      async () => await inviteAll(parts),
    );
  });
