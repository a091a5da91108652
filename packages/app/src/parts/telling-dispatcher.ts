import { Fault, type Clock, type Dispatcher } from "@rekey/domain";
import type { Outage, WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

/** The same dispatcher; whoever asks it while its backend is away is not the one who says so. */
export const tellingDispatcher = (dispatcher: Dispatcher, outage: Outage): Dispatcher => {
  const told = async <Answer>(asking: Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await asking;
      outage.answered();
      return answer;
    } catch (error) {
      if (error instanceof Fault && error.code === "JOBS_UNREACHABLE") outage.failed(error);
      throw error;
    }
  };
  return {
    ...dispatcher,
    invite: async (lane, hint, options) => await told(dispatcher.invite(lane, hint, options)),
    outstanding: async (lane) => await told(dispatcher.outstanding(lane)),
    lostContents: async () => await told(dispatcher.lostContents()),
    check: async () => await told(dispatcher.check()),
  };
};

interface AskingParts {
  readonly dispatcher: Pick<Dispatcher, "check">;
  readonly outage: Pick<Outage, "away">;
  readonly clock: WallClock & Clock;
}

/** How often a dispatcher that is away is asked. */
const askEveryMs = 2_000;

/**
 * While it is away it is asked, in every process: one that invites nobody for hours would be away for as long. It has to
 * tell, as what a `tellingDispatcher` does.
 */
export const askingLoop = async (
  { dispatcher, outage, clock }: AskingParts,
  supervised: Supervised,
): Promise<void> =>
  await supervised("jobs", async (signal) => {
    await every({ signal, clock, atMostMs: askEveryMs }, async () => {
      if (outage.away()) await dispatcher.check().catch(() => undefined);
    });
  });
