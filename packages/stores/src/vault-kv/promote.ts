import { isDeepStrictEqual } from "node:util";
import type { PromoteRequest, StoreAddress, StoredVersion } from "@rekey/domain";
import { renderFields } from "../fields.ts";
import { spliceMembers } from "../json-members.ts";
import {
  currentOf,
  digestsOf,
  keptOf,
  recordOf,
  withRecord,
  type CredentialRecord,
  type DocumentDigests,
} from "./book.ts";
import {
  changeRecord,
  openBook,
  openValue,
  withRetries,
  writeBook,
  type OpenedBook,
  type Room,
} from "./bookkeeping.ts";
import { storeFault } from "./faults.ts";
import type { KvDocument } from "./kv.ts";
import { keptVersionOf, refuseOthersFields, withKept } from "./stage.ts";

export interface Promotion {
  readonly address: StoreAddress;
  readonly request: PromoteRequest;
  /** Runs right before the document is replaced. */
  readonly beforeEffect: () => Promise<void>;
  /** Runs between the document and the book's note of it. */
  readonly afterEffect: () => Promise<void>;
}

type Outcome = "promoted" | "already" | "conflict";

/**
 * One check-and-set write of the document. Whatever is noted in the book beforehand changes nothing for readers,
 * and what is noted afterwards can be lost: the document says itself which version it holds.
 */
export const promoteVersion = async (room: Room, promotion: Promotion): Promise<Outcome> => {
  const outcome = await withRetries(room, () => attempt(room, promotion));
  if (outcome === "conflict") return outcome;
  await promotion.afterEffect();
  const { ref } = promotion.request;
  await changeRecord(room, ref.credential, (record) => {
    const noted = withPromoted(record, ref.version);
    return isDeepStrictEqual(noted, record) ? undefined : noted;
  });
  return outcome;
};

interface Seen {
  readonly document: KvDocument;
  readonly opened: OpenedBook;
  readonly record: CredentialRecord;
  readonly found: DocumentDigests;
  readonly current: number | undefined;
}

const look = async (room: Room, { request }: Promotion): Promise<Seen> => {
  const [document, opened] = await Promise.all([room.kv.read(room.paths.document), openBook(room)]);
  const record = recordOf(opened.book, request.ref.credential);
  const found = digestsOf(opened.book, document.text);
  return { document, opened, record, found, current: currentOf(record, found) };
};

const attempt = async (room: Room, promotion: Promotion): Promise<Outcome | "again"> => {
  const { ref, from } = promotion.request;
  const seen = await look(room, promotion);
  if (seen.current === ref.version) return "already";
  if (seen.current !== from) return "conflict";
  const stored = await openValue(room, ref);
  if (stored === undefined) throw storeFault("STORE_VALUE_MISSING", "no-such-version");
  const values = renderFields(promotion.address.fields, stored);
  refuseForeignFields(seen, promotion, [...values.keys()]);
  if (!(await noteBeforehand(room, seen, { promotion, stored }))) return "again";
  const changes = new Map([...values].map(([name, value]) => [name, JSON.stringify(value)]));
  const text = spliceMembers(seen.document.text, changes);
  await promotion.beforeEffect();
  const written = await room.kv.write(room.paths.document, text, seen.document.version);
  return written === "written" ? "promoted" : "again";
};

/** The book recognises the new values, and knows what was current, before the document changes. */
const noteBeforehand = async (
  room: Room,
  { opened, record, current }: Seen,
  { promotion, stored }: { readonly promotion: Promotion; readonly stored: StoredVersion },
): Promise<boolean> => {
  const { ref } = promotion.request;
  const kept = keptVersionOf(opened.book, promotion.address, stored);
  const known = current === undefined ? record : withPromoted(record, current);
  const noted = withKept(known, ref.version, { ...keptOf(record, ref.version), ...kept });
  if (isDeepStrictEqual(noted, record)) return true;
  return writeBook(room, opened, withRecord(opened.book, ref.credential, noted));
};

const withPromoted = (record: CredentialRecord, version: number): CredentialRecord => ({
  ...record,
  last: version,
  promoted: Math.max(version, record.promoted),
  fields: [...new Set([...record.fields, ...(keptOf(record, version)?.fields ?? [])])],
});

/**
 * A field that exists and is not ours is taken over by the first version only: then the document's owner has
 * just put it under Rekey. Later it is somebody else's; another credential's field always is.
 */
const refuseForeignFields = (
  { opened, record, document, current }: Seen,
  { request }: Promotion,
  names: readonly string[],
): void => {
  refuseOthersFields(opened.book, request.ref, names);
  const isFirst = record.promoted === 0 && current === undefined;
  if (isFirst) return;
  const own = current === undefined ? record.fields : withPromoted(record, current).fields;
  const present = JSON.parse(document.text) as Readonly<Record<string, unknown>>;
  if (names.some((name) => Object.hasOwn(present, name) && !own.includes(name))) {
    throw storeFault("STORE_REJECTED", "field-not-ours");
  }
};
