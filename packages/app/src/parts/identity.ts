import type { Ledger } from "@rekey/domain";
import type { Log } from "@rekey/runtime";

/** Before anything works: a ledger that was taken elsewhere is paused, and `doctor` says so. */
export const compareIdentity = async (
  ledger: Pick<Ledger, "compareIdentity">,
  log: Log,
): Promise<void> => {
  const { behind } = await ledger.compareIdentity();
  if (behind !== undefined)
    log.error("the ledger may be behind the world: everything is paused", {
      code: "LEDGER_BEHIND_WORLD",
    });
};
