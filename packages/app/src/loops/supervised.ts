import { Fault, type Clock, type Ledger } from "@rekey/domain";
import { superviseLoop, type Log, type WallClock } from "@rekey/runtime";
import { createAnswering } from "./answering.ts";
import type { Outages } from "./outages.ts";
import { createPatience } from "./patience.ts";

export interface SupervisedOptions {
  readonly ledger: Pick<Ledger, "check">;
  readonly clock: WallClock & Clock;
  readonly log: Log;
  readonly outages: Outages;
  readonly signal: AbortSignal;
  readonly onExhausted: (exitCode: number) => void;
}

/**
 * Starts a loop that is built again when it dies, three times a minute, and as often as it takes while the ledger or
 * another part is away; resolves when it has ended for good. What a part that answers refuses again and again is a death.
 */
export type Supervised = (
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
) => Promise<void>;

/** Long enough after an answer that whatever still fails has failed. */
const backAfterMs = 6_000;

export const createSupervised = (options: SupervisedOptions): Supervised => {
  const { clock, outages, signal } = options;
  const answering = createAnswering({ ...options, outage: outages.LEDGER_UNREACHABLE });
  const answered = (atMs: number): void => {
    for (const outage of Object.values(outages)) outage.answered(atMs);
  };
  return async (name, run) => {
    const patience = createPatience(clock);
    await superviseLoop({
      ...options,
      name,
      run: async (ending) => {
        await answering();
        patience.born();
        const bornMs = clock.monotonicMs();
        const cancel = clock.after(backAfterMs, () => answered(bornMs));
        signal.addEventListener("abort", cancel, { once: true });
        await run(ending).finally(() => {
          cancel();
          signal.removeEventListener("abort", cancel);
        });
      },
      isWeather: (error) => {
        const outage = error instanceof Fault ? outages[error.code as keyof Outages] : undefined;
        outage?.failed(error as Fault, name);
        return outage !== undefined && patience.lasts(error as Fault);
      },
    });
  };
};
