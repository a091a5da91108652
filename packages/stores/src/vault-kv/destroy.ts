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

/** Old versions that every call looks at; Vault keeps 10 unless it is told otherwise. */
const newestMax = 100;
/** Of those below them a call looks at so many: the next one goes on where it ended. */
const olderMax = 100;

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
    const { looked, next } = pageOf(book, history?.readable ?? []);
    const old = await readOld(room, book, looked);
    const gone = old.filter(({ found }) => isDead(book, found)).map(({ version }) => version);
    if (gone.length > 0) await room.kv.destroy(room.paths.document, gone);
    const left = old.filter(({ version }) => !gone.includes(version));
    const kept = next === undefined ? withoutForgotten(book, left) : book;
    return (await writeBook(room, opened, { ...kept, older: next })) ? undefined : "again";
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

interface Page {
  readonly looked: readonly number[];
  /** Where the next call goes on; undefined: everything was looked at. */
  readonly next: number | undefined;
}

const pageOf = ({ older: from = Infinity }: Book, readable: readonly number[]): Page => {
  const versions = readable.toSorted((one, other) => other - one);
  const rest = versions.slice(newestMax);
  // Round and round: what was looked at may hold a value that has died since.
  const older = [...rest.filter((one) => one <= from), ...rest.filter((one) => one > from)];
  return {
    looked: [...versions.slice(0, newestMax), ...older.slice(0, olderMax)],
    next: older[olderMax],
  };
};

const readOld = async (
  { kv, paths }: Room,
  book: Book,
  versions: readonly number[],
): Promise<readonly OldVersion[]> => {
  const old: OldVersion[] = [];
  for (const version of versions) {
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

/** Digests of the dead are kept as long as something of them is left, or may be in a version that was not looked at. */
const withoutForgotten = (book: Book, left: readonly OldVersion[]): Book => {
  const credentials = Object.entries(book.credentials).map(([name, record]) => {
    const dead = Object.entries(record.dead).filter(([, digests]) =>
      left.some(({ found }) => holdsAny(found, digests)),
    );
    return [name, { ...record, dead: Object.fromEntries(dead) }] as const;
  });
  return { ...book, credentials: Object.fromEntries(credentials) };
};
