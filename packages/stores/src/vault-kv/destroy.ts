import type { VersionRef } from "@rekey/domain";
import {
  addDestroyed,
  currentOf,
  digestsOf,
  holdsAny,
  keptOf,
  recordOf,
  withRecord,
  type Book,
  type CredentialRecord,
  type DocumentDigests,
} from "./book.ts";
import { openBook, withRetries, writeBook, type Room } from "./bookkeeping.ts";
import { storeFault } from "./faults.ts";

/** Old versions of a document that are looked at in one call; Vault keeps 10 unless it is told otherwise. */
const oldVersionsMax = 100;

const emptyValue = "{}";

/**
 * The value's path ends for ever, and so does every old version of the document that holds a dead value and none
 * that lives. Twice is once; a version that never was staged can no longer be.
 */
export const destroyVersion = async (
  room: Room,
  ref: VersionRef,
  afterEffect: () => Promise<void>,
): Promise<void> => {
  await refuseCurrent(room, ref);
  await endValue(room, ref);
  await afterEffect();
  await withRetries(room, async () => {
    // In this order: what the book does not know by now is in none of these versions.
    const history = await room.kv.history(room.paths.document);
    const opened = await openBook(room);
    const book = withDead(opened.book, ref);
    const old = await readOld(room, book, history?.readable ?? []);
    const gone = old.filter(({ found }) => isDead(book, found)).map(({ version }) => version);
    if (gone.length > 0) await room.kv.destroy(room.paths.document, gone);
    const left = old.filter(({ version }) => !gone.includes(version));
    return (await writeBook(room, opened, withoutForgotten(book, left))) ? undefined : "again";
  });
};

const refuseCurrent = async (room: Room, ref: VersionRef): Promise<void> => {
  const [{ text }, { book }] = await Promise.all([
    room.kv.read(room.paths.document),
    openBook(room),
  ]);
  if (currentOf(recordOf(book, ref.credential), digestsOf(book, text)) === ref.version) {
    throw storeFault("STORE_CONFLICT", "destroy-of-current");
  }
};

/** A path that holds something, if only an empty marker, refuses create-only for ever: no late stage brings it back. */
const endValue = async ({ kv, paths }: Room, ref: VersionRef): Promise<void> => {
  await kv.write(paths.value(ref), emptyValue, 0);
  await kv.destroy(paths.value(ref), [1]);
};

const withDead = (book: Book, ref: VersionRef): Book => {
  const record = recordOf(book, ref.credential);
  const { [String(ref.version)]: _gone, ...versions } = record.versions;
  const kept = keptOf(record, ref.version);
  return withRecord(book, ref.credential, {
    ...record,
    versions,
    destroyed: addDestroyed(record.destroyed, ref.version),
    dead: kept === undefined ? record.dead : { ...record.dead, [ref.version]: kept.digests },
  });
};

interface OldVersion {
  readonly version: number;
  readonly found: DocumentDigests;
}

const readOld = async (
  { kv, paths }: Room,
  book: Book,
  readable: readonly number[],
): Promise<readonly OldVersion[]> => {
  const versions = readable.toSorted((one, other) => other - one);
  const old: OldVersion[] = [];
  for (const version of versions.slice(0, oldVersionsMax)) {
    const text = await kv.readVersion(paths.document, version);
    if (text !== undefined) old.push({ version, found: digestsOf(book, text) });
  }
  return old;
};

const records = (book: Book): readonly CredentialRecord[] => Object.values(book.credentials);

/** Holds a destroyed version's value and no value of a version that lives, of whatever credential. */
const isDead = (book: Book, found: DocumentDigests): boolean => {
  const dead = records(book).flatMap((record) => Object.values(record.dead));
  const alive = records(book).flatMap((record) =>
    Object.values(record.versions).map(({ digests }) => digests),
  );
  const isHeld = (digests: Readonly<Record<string, string>>): boolean => holdsAny(found, digests);
  return dead.some(isHeld) && !alive.some(isHeld);
};

/** Digests of the dead are kept as long as something of them is left. */
const withoutForgotten = (book: Book, left: readonly OldVersion[]): Book => {
  const credentials = Object.entries(book.credentials).map(([name, record]) => {
    const dead = Object.entries(record.dead).filter(([, digests]) =>
      left.some(({ found }) => holdsAny(found, digests)),
    );
    return [name, { ...record, dead: Object.fromEntries(dead) }] as const;
  });
  return { ...book, credentials: Object.fromEntries(credentials) };
};
