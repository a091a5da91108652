import { Assertion, urgencies, type Notice, type OutboxEntry } from "@rekey/domain";
import { z } from "zod";

const notice = z.object({
  to: z.enum(["owner", "approvers", "on-call"]),
  about: z.string(),
  text: z.string(),
  dedupeKey: z.string(),
  urgency: z.enum(urgencies),
});

/** A notice as the ledger wrote it into the outbox. */
export const parseNotice = (entry: OutboxEntry): Notice => {
  const parsed = notice.safeParse(JSON.parse(entry.value));
  if (!parsed.success) throw new Assertion("a notice in the outbox has another shape");
  return parsed.data;
};
