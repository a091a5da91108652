import type { Failpoint, VersionRef } from "@rekey/domain";
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

/** Old versions of the document that are looked at between two notes of how far it came. */
const chunkMax = 100;
/** Read at once. */
const readsAtOnce = 8;
/** Far above what Vault's answer about a document's versions may hold. */
const chunksMax = 1_000;

const emptyValue = "{}";

/**
 * The value's path ends for ever, and so does every old version of the document that holds a dead value and none
 * that lives. Twice is once; a version that never was staged can no longer be. A call that has no time for all of
 * them fails, and the next one goes on where it ended.
 */
export const destroyVersion = async (
  room: Room,
  ref: VersionRef,
  failpoint: Failpoint,
): Promise<void> => {
  await refuseCurrent(room, ref);
  await endValue(room, ref);
  await failpoint("store.destroy.after-effect");
  const sweep: Sweep = { isWhole: false, left: [] };
  for (let chunks = 0; chunks < chunksMax; chunks += 1) {
    const end = await withRetries(room, async () => await endChunk(room, ref, sweep));
    if (end === "all") return;
    await failpoint("store.destroy.after-chunk");
  }
  throw storeFault("STORE_REJECTED", "too-many-versions");
};

/** What this call knows of the old versions that it looked at and left. */
interface Sweep {
  /** It began with the newest one: no earlier call looked at some of them. */
  isWhole: boolean;
  left: OldVersion[];
}

const endChunk = async (
  room: Room,
  ref: VersionRef,
  sweep: Sweep,
): Promise<"all" | "more" | "again"> => {
  // In this order: what the book does not know by now is in none of these versions.
  const history = await room.kv.history(room.paths.document);
  const opened = await openBook(room);
  const book = withDead(opened.book, ref);
  const { looked, next } = chunkOf(book, history?.readable ?? []);
  const isFirst = book.older === undefined;
  const old = await readOld(room, book, looked);
  const gone = old.filter(({ found }) => isDead(book, found)).map(({ version }) => version);
  if (gone.length > 0) await room.kv.destroy(room.paths.document, gone);
  const stays = old.filter(({ version }) => !gone.includes(version));
  const left = isFirst ? stays : [...sweep.left, ...stays];
  const isWhole = isFirst || sweep.isWhole;
  const kept = next === undefined && isWhole ? withoutForgotten(book, left) : book;
  if (!(await writeBook(room, opened, { ...kept, older: next }))) return "again";
  Object.assign(sweep, { isWhole, left: left.filter(({ found }) => holdsDead(book, found)) });
  return next === undefined ? "all" : "more";
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

/** One more that is dead: versions that were looked at already may hold it, so the look begins anew. */
const withDead = (book: Book, ref: VersionRef): Book => {
  const record = recordOf(book, ref.credential);
  const { [String(ref.version)]: _gone, ...versions } = record.versions;
  const kept = keptOf(record, ref.version);
  const destroyed = addDestroyed(record.destroyed, ref.version);
  if (kept === undefined) return withRecord(book, ref.credential, { ...record, destroyed });
  const dead = { ...record.dead, [ref.version]: kept.digests };
  const ended = withRecord(book, ref.credential, { ...record, versions, destroyed, dead });
  return { ...ended, older: undefined };
};

interface OldVersion {
  readonly version: number;
  readonly found: DocumentDigests;
}

interface Chunk {
  readonly looked: readonly number[];
  /** Where the look goes on; undefined: everything was looked at. */
  readonly next: number | undefined;
}

/** Downwards. Nothing at all where no value is dead. */
const chunkOf = (book: Book, readable: readonly number[]): Chunk => {
  if (deadOf(book).length === 0) return { looked: [], next: undefined };
  const { older: from = Infinity } = book;
  const versions = readable.filter((one) => one <= from).toSorted((one, other) => other - one);
  return { looked: versions.slice(0, chunkMax), next: versions[chunkMax] };
};

const readOld = async (
  { kv, paths }: Room,
  book: Book,
  versions: readonly number[],
): Promise<readonly OldVersion[]> => {
  const old: OldVersion[] = [];
  const readOne = async (version: number): Promise<void> => {
    const text = await kv.readVersion(paths.document, version);
    if (text !== undefined) old.push({ version, found: digestsOf(book, text) });
  };
  for (let at = 0; at < versions.length; at += readsAtOnce)
    await Promise.all(versions.slice(at, at + readsAtOnce).map(readOne));
  return old;
};

type Digests = Readonly<Record<string, string>>;

const records = (book: Book): readonly CredentialRecord[] => Object.values(book.credentials);

const deadOf = (book: Book): readonly Digests[] =>
  records(book).flatMap((record) => Object.values(record.dead));

const holdsDead = (book: Book, found: DocumentDigests): boolean =>
  deadOf(book).some((digests) => holdsAny(found, digests));

/** Holds a destroyed version's value and no value of a version that lives, of whatever credential. */
const isDead = (book: Book, found: DocumentDigests): boolean => {
  const alive = records(book).flatMap((record) =>
    Object.values(record.versions).map(({ digests }) => digests),
  );
  return holdsDead(book, found) && !alive.some((digests) => holdsAny(found, digests));
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
