import { hash, randomBytes } from "node:crypto";
import type { CredentialId, RotationId } from "@rekey/domain";
import { z } from "zod";
import { scanMembers } from "../json-members.ts";
import { storeFault } from "./faults.ts";

const saltBytes = 16;

const digests = z.record(z.string(), z.string());

const keptSchema = z.looseObject({
  rotation: z.string(),
  rotationNumber: z.int().nonnegative(),
  /** Every field that this version writes. */
  fields: z.array(z.string()),
  /** Of the fields that hold the secret: what their value's digest is when this version is current. */
  digests,
});

const recordSchema = z.looseObject({
  versions: z.record(z.string(), keptSchema),
  /** Fields of the document that are this credential's since a version of it was promoted. */
  fields: z.array(z.string()),
  /** The version that was promoted last, as far as was noted; the document itself is asked first. */
  last: z.int().positive().optional(),
  /** Highest version that was ever current: what was staged above it is pending. */
  promoted: z.int().nonnegative(),
  /** Ranges of versions that must never come back. */
  destroyed: z.array(z.tuple([z.int().positive(), z.int().positive()])),
  /** Digests of destroyed versions that an old version of the document still holds. */
  dead: z.record(z.string(), digests),
});

const bookSchema = z.looseObject({
  salt: z.string(),
  credentials: z.record(z.string(), recordSchema),
  /** While old versions of the document are looked at, downwards: the next one. All above it hold no dead value alone. */
  older: z.int().positive().optional(),
});

/** One version as the book knows it: no value, only what recognises it. */
export type KeptVersion = z.infer<typeof keptSchema>;
export type CredentialRecord = z.infer<typeof recordSchema>;
/** What Rekey knows of one document: one path, written by check-and-set. Loose: a newer build's additions stay. */
export type Book = z.infer<typeof bookSchema>;

export const newBook = (): Book => ({
  salt: randomBytes(saltBytes).toString("base64url"),
  credentials: {},
});

/** STORE_REJECTED when it cannot be understood: nothing is written then. */
export const parseBook = (text: string): Book => {
  const parsed = bookSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw storeFault("STORE_REJECTED", "book-garbled");
};

const emptyRecord: CredentialRecord = {
  versions: {},
  fields: [],
  promoted: 0,
  destroyed: [],
  dead: {},
};

export const recordOf = (book: Book, credential: CredentialId): CredentialRecord =>
  Object.hasOwn(book.credentials, credential)
    ? (book.credentials[credential] ?? emptyRecord)
    : emptyRecord;

export const withRecord = (
  book: Book,
  credential: CredentialId,
  record: CredentialRecord,
): Book => ({ ...book, credentials: { ...book.credentials, [credential]: record } });

export const keptOf = ({ versions }: CredentialRecord, version: number): KeptVersion | undefined =>
  versions[String(version)];

export const isDestroyed = ({ destroyed }: CredentialRecord, version: number): boolean =>
  destroyed.some(([from, to]) => from <= version && version <= to);

export interface Rendering {
  readonly rotation: RotationId;
  readonly rotationNumber: number;
  /** Field → value, as it stands in the document. */
  readonly values: ReadonlyMap<string, string>;
  /** Names of the fields whose template holds `{secret}`. */
  readonly secretFields: readonly string[];
}

export const keptFrom = (book: Book, rendering: Rendering): KeptVersion => {
  const { rotation, rotationNumber, values, secretFields } = rendering;
  const pairs = secretFields.map((name) => [name, digestOf(book, name, values.get(name) ?? "")]);
  return {
    rotation,
    rotationNumber,
    fields: [...values.keys()],
    digests: Object.fromEntries(pairs),
  };
};

const digestOf = ({ salt }: Book, field: string, value: string): string =>
  hash("sha256", `${salt}\0${field}\0${value}`, "base64url");

/** The digest of each text field of a document, by name. */
export type DocumentDigests = ReadonlyMap<string, string>;

export const digestsOf = (book: Book, text: string): DocumentDigests => {
  const members = scanMembers(text) ?? [];
  return new Map(
    members.flatMap(({ key, valueStart, valueEnd }) => {
      const value: unknown = JSON.parse(text.slice(valueStart, valueEnd));
      return typeof value === "string" ? [[key, digestOf(book, key, value)] as const] : [];
    }),
  );
};

/** True when the document holds at least one value with these digests. */
export const holdsAny = (
  found: DocumentDigests,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).some(([name, digest]) => found.get(name) === digest);

const holdsAll = (found: DocumentDigests, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, digest]) => found.get(name) === digest);

/**
 * The document itself says which version is current: label and value cannot disagree, whatever crashed. Where
 * somebody wrote another value into our fields the version that was promoted last counts, so that the next
 * promote replaces it; where our fields are gone none is current.
 */
export const currentOf = (record: CredentialRecord, found: DocumentDigests): number | undefined => {
  const known = Object.entries(record.versions).map(([version, kept]) => ({
    version: Number(version),
    kept,
  }));
  const matching = known.filter(({ kept }) => holdsAll(found, kept.digests));
  const match = matching.find(({ version }) => version === record.last) ?? matching.at(-1);
  if (match !== undefined) return match.version;
  const last = known.find(({ version }) => version === record.last);
  return last?.kept.fields.some((name) => found.has(name)) === true ? last.version : undefined;
};

/** The ranges with one version more; neighbours become one range. */
export const addDestroyed = (
  ranges: CredentialRecord["destroyed"],
  version: number,
): CredentialRecord["destroyed"] => {
  const sorted = [...ranges, [version, version] as [number, number]].toSorted(
    ([one], [other]) => one - other,
  );
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
};
