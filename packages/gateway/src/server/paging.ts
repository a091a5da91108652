import {
  auditEventId,
  isInventoryName,
  isRefusal,
  type AuditPage,
  type Ledger,
  type Page,
  type Refusal,
} from "@rekey/domain";
import { invalid } from "./refused.ts";

interface Asked {
  readonly after?: string;
  readonly limit: number;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Pages of what Rekey opens by itself: the cursor is an id. */
export const pageById = (asked: Asked): Page | Refusal => pageWith(asked, (id) => uuid.test(id));

/** Pages of what people named. */
export const pageByName = (asked: Asked): Page | Refusal => pageWith(asked, isInventoryName);

/**
 * Pages of the audit log: the cursor is an event's id, and the page is what stands behind it. An id is kept apart from another
 * history's, as after a restore; a position would be misread.
 */
export const pageOfAudit = async (
  ledger: Pick<Ledger, "auditPosition">,
  asked: Asked,
): Promise<Pick<AuditPage, "after" | "limit"> | Refusal> => {
  const page = pageById(asked);
  if (isRefusal(page)) return page;
  if (page.after === undefined) return { limit: page.limit };
  const after = await ledger.auditPosition(auditEventId(page.after));
  if (after !== undefined) return { after, limit: page.limit };
  return invalid("the page cannot be found", [
    { path: "after", reason: "names no event of this audit log: read on from its start" },
  ]);
};

const pageWith = ({ after, limit }: Asked, isCursor: (text: string) => boolean): Page | Refusal => {
  if (after === undefined) return { limit };
  if (isCursor(after)) return { after, limit };
  return invalid("the page cannot be found", [
    { path: "after", reason: "must be the `next` of the page before" },
  ]);
};

/** Where the next page begins; nothing after a page that was not full. */
export const nextOf = <Row>(
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => string,
): { readonly next?: string } => {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? {} : { next: idOf(last) };
};
