import { apiRoutes } from "@rekey/contracts";
import { caseId, credentialId, isRefusal } from "@rekey/domain";
import { pageOfAudit } from "../server/paging.ts";
import { pollFor } from "../server/poll.ts";
import type { Surface } from "./surface.ts";

/** The audit log, oldest first from a cursor on. */
export const auditSurface: Surface = (serve, { ledger, clock }) => {
  serve(apiRoutes.audit.tail, async ({ query, signal }) => {
    const page = await pageOfAudit(ledger, query);
    if (isRefusal(page)) return page;
    const about = {
      ...(query.credential !== undefined && { credential: credentialId(query.credential) }),
      ...(query.case !== undefined && { case: caseId(query.case) }),
    };
    const events = await pollFor({
      clock,
      waitMs: query.waitMs,
      signal,
      look: () => ledger.auditEvents({ ...page, ...about }),
      isNews: (found) => found.length > 0,
    });
    const next = events.at(-1)?.id ?? query.after;
    return { events, ...(next !== undefined && { next }) };
  });
};
