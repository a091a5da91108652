import { consumerRoutes, decodeReply, pollWaitMsMax } from "@rekey/contracts";
import type { AnnouncementFeed } from "../ports.ts";
import { gatewayCalls, type GatewayAccess } from "./gateway-call.ts";

/** What the answer may take beyond the wait that was asked for. */
const answerMs = 10_000;

/** Long poll at the gateway. */
export const gatewayAnnouncements = (
  access: GatewayAccess,
  waitMs: number = pollWaitMsMax,
): AnnouncementFeed => {
  const call = gatewayCalls(access);
  return {
    next: async (consumer, after, signal) => {
      const { method, path, reply } = consumerRoutes.announcements;
      const query = new URLSearchParams({ consumer, waitMs: String(waitMs) });
      if (after !== undefined) query.set("after", after);
      const answer = await call({
        method,
        path: `${path}?${query.toString()}`,
        deadlineMs: waitMs + answerMs,
        signal,
      });
      const parsed = decodeReply(reply, answer);
      if (parsed.problems !== undefined)
        throw new TypeError("the gateway's answer has another shape");
      return parsed.value;
    },
  };
};
