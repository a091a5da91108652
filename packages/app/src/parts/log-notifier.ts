import type { Notifier } from "@rekey/domain";
import type { Log } from "@rekey/runtime";

/** The first notifier: notices become log lines. Their text names credentials and codes, never a value or a person. */
export const logNotifier = (log: Log): Notifier => ({
  notify: async ({ about, text, urgency, dedupeKey }) => {
    const fields = { credentialId: about, reason: text, kind: urgency, requestId: dedupeKey };
    if (urgency === "page") log.error("notice: page", fields);
    else log.warn("notice", fields);
    await Promise.resolve();
  },
});
