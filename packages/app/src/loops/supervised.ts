import type { Ledger } from "@rekey/domain";
import { superviseLoop, type Log, type WallClock } from "@rekey/runtime";
import { answering } from "./answering.ts";

export interface SupervisedOptions {
  readonly ledger: Pick<Ledger, "check">;
  readonly clock: WallClock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onExhausted: (exitCode: number) => void;
}

/** Starts a loop that is built again when it dies, three times a minute; resolves when it has ended for good. */
export type Supervised = (
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
) => Promise<void>;

export const createSupervised =
  ({ ledger, clock, log, signal, onExhausted }: SupervisedOptions): Supervised =>
  async (name, run) =>
    await superviseLoop({
      name,
      run: async (ending) => {
        // One outage of the database is one death of a loop, however long it lasts.
        await answering(ledger, clock, ending);
        await run(ending);
      },
      signal,
      clock,
      log,
      onExhausted,
    });
