import { Fault, type Dispatcher } from "@rekey/domain";
import type { Outage } from "@rekey/runtime";

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
