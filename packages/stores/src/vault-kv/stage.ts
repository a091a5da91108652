import type { StagedVersion, StoreAddress, StoredVersion, VersionRef } from "@rekey/domain";
import { renderFields, secretFieldsOf } from "../fields.ts";
import { versionText } from "../version-text.ts";
import {
  isDestroyed,
  keptFrom,
  keptOf,
  recordOf,
  type Book,
  type CredentialRecord,
  type KeptVersion,
} from "./book.ts";
import { changeRecord, openBook, openValue, type Room } from "./bookkeeping.ts";
import { storeFault } from "./faults.ts";

export interface Staging {
  readonly address: StoreAddress;
  readonly staged: StagedVersion;
  /** Runs between the value and its line in the book. */
  readonly afterEffect: () => Promise<void>;
}

/** The value goes to a path of its own by create-only, so the first one wins; then the book learns of it. */
export const stageVersion = async (
  room: Room,
  { address, staged, afterEffect }: Staging,
): Promise<"created" | "adopted"> => {
  const { ref, rotation, rotationNumber, material } = staged;
  const given: StoredVersion = { version: ref.version, rotation, rotationNumber, material };
  // What cannot be written later is found before anything is minted.
  const values = renderFields(address.fields, given);
  const [{ book }] = await Promise.all([openBook(room), room.kv.read(room.paths.document)]);
  refuseStaging(book, ref, [...values.keys()]);
  const outcome = await room.kv.write(room.paths.value(ref), versionText(ref, given), 0);
  await afterEffect();
  const kept = outcome === "written" ? given : await keptValue(room, ref);
  await changeRecord(room, ref.credential, (record, now) => {
    refuseStaging(now, ref, [...values.keys()]);
    if (keptOf(record, ref.version) !== undefined) return undefined;
    return withKept(record, ref.version, keptVersionOf(now, address, kept));
  });
  return outcome === "written" ? "created" : "adopted";
};

const keptValue = async (room: Room, ref: VersionRef): Promise<StoredVersion> => {
  const stored = await openValue(room, ref);
  if (stored === undefined) throw storeFault("STORE_REJECTED", "destroyed");
  return stored;
};

/** What the book has to say of a version under the address' templates of now. */
export const keptVersionOf = (
  book: Book,
  { fields }: StoreAddress,
  stored: StoredVersion,
): KeptVersion =>
  keptFrom(book, {
    rotation: stored.rotation,
    rotationNumber: stored.rotationNumber,
    values: renderFields(fields, stored),
    secretFields: secretFieldsOf(fields),
  });

export const withKept = (
  record: CredentialRecord,
  version: number,
  kept: KeptVersion,
): CredentialRecord => ({ ...record, versions: { ...record.versions, [version]: kept } });

const refuseStaging = (book: Book, ref: VersionRef, fields: readonly string[]): void => {
  if (isDestroyed(recordOf(book, ref.credential), ref.version)) {
    throw storeFault("STORE_REJECTED", "destroyed");
  }
  refuseOthersFields(book, ref, fields);
};

/** A field that another credential writes, or has staged to write, is never taken over. */
export const refuseOthersFields = (
  book: Book,
  { credential }: Pick<VersionRef, "credential">,
  fields: readonly string[],
): void => {
  const others = Object.entries(book.credentials).filter(([name]) => name !== credential);
  const taken = new Set(
    others.flatMap(([, record]) => [
      ...record.fields,
      ...Object.values(record.versions).flatMap((kept) => kept.fields),
    ]),
  );
  if (fields.some((name) => taken.has(name))) {
    throw storeFault("STORE_REJECTED", "field-of-another-credential");
  }
};
