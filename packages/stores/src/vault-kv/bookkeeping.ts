import type { Clock, CredentialId, StoredVersion, VersionRef } from "@rekey/domain";
import { parseVersion } from "../version-text.ts";
import {
  newBook,
  parseBook,
  recordOf,
  withRecord,
  type Book,
  type CredentialRecord,
} from "./book.ts";
import { storeFault } from "./faults.ts";
import type { Kv } from "./kv.ts";
import type { DocumentPaths } from "./paths.ts";

/** How often a path that others keep writing is read and written again. */
const casAttemptsMax = 12;
const pauseMaxMs = 40;

/** What one call of the port works on. */
export interface Room {
  readonly kv: Kv;
  readonly paths: DocumentPaths;
  readonly clock: Clock;
}

export interface OpenedBook {
  readonly book: Book;
  readonly version: number;
}

export const openBook = async ({ kv, paths }: Room): Promise<OpenedBook> => {
  const { isPresent, text, version } = await kv.read(paths.book);
  return { book: isPresent ? parseBook(text) : newBook(), version };
};

/** The book with this change, or the same one where `change` returns undefined; read again when another wrote it. */
export const changeRecord = async (
  room: Room,
  credential: CredentialId,
  change: (record: CredentialRecord, book: Book) => CredentialRecord | undefined,
): Promise<void> => {
  await withRetries(room, async () => {
    const opened = await openBook(room);
    const changed = change(recordOf(opened.book, credential), opened.book);
    if (changed === undefined) return "done";
    return (await writeBook(room, opened, withRecord(opened.book, credential, changed)))
      ? "done"
      : "again";
  });
};

/** False when somebody else wrote it since it was opened. */
export const writeBook = async (
  { kv, paths }: Room,
  { version }: OpenedBook,
  book: Book,
): Promise<boolean> => (await kv.write(paths.book, JSON.stringify(book), version)) === "written";

/** Tries until it is not told `again`. STORE_LOCKED when that never ends. */
export const withRetries = async <Outcome>(
  { clock }: Room,
  attempt: () => Promise<Outcome | "again">,
): Promise<Outcome> => {
  for (let attempts = 0; attempts < casAttemptsMax; attempts += 1) {
    // Writers that lost together come back apart.
    if (attempts > 0) await clock.sleep(Math.random() * pauseMaxMs);
    const outcome = await attempt();
    if (outcome !== "again") return outcome;
  }
  throw storeFault("STORE_LOCKED", "foreign-writer");
};

/** The kept value; undefined when none was staged, or when the path was ended for ever. */
export const openValue = async (
  { kv, paths }: Room,
  ref: VersionRef,
): Promise<StoredVersion | undefined> => {
  const { isPresent, text } = await kv.read(paths.value(ref));
  // An empty object is a marker that a crash left before it was destroyed.
  return isPresent && text !== "{}" ? parseVersion(text, ref) : undefined;
};
