import type { Clock, Fault } from "@rekey/domain";

/** How long a loop that a part's own answer ends may be built again before that counts as its death. */
export interface Patience {
  /** The ledger answers, and a life begins. */
  born(): void;
  /** False when the fault that ended this life is no weather any more. */
  lasts(fault: Pick<Fault, "providerCode">): boolean;
}

/** Lives in a row; with the pauses between them this bears a lock or a load of some seconds. */
const shortLivesMax = 5;
const shortMs = 60_000;

// PostgreSQL's appendix A. Its own codes begin with a digit where an answer concerns a statement; brokers' never do.
const sqlState = /^\d[0-9A-Z]{4}$/;
/** Connection lost, standby, login, too many connections, lost in commit, server stops: nothing about the statement. */
const aboutConnection = /^(08|25006|28|53300|40003|57P)/;

/**
 * A lost connection is weather however long it lasts. A server that answers, and refuses what the loop asks, such as
 * for a missing grant or a query that always takes too long, is so only a few times in a row.
 */
export const createPatience = (clock: Pick<Clock, "monotonicMs">): Patience => {
  let bornAtMs = clock.monotonicMs();
  let short = 0;
  return {
    born() {
      bornAtMs = clock.monotonicMs();
    },
    lasts({ providerCode = "" }) {
      if (!sqlState.test(providerCode) || aboutConnection.test(providerCode)) return true;
      short = clock.monotonicMs() - bornAtMs < shortMs ? short + 1 : 1;
      return short <= shortLivesMax;
    },
  };
};
