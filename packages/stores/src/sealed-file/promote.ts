import { hash } from "node:crypto";
import { dirname } from "node:path";
import type { PromoteRequest, StoreAddress, StoredVersion } from "@rekey/domain";
import {
  addReaders,
  emptyDocument,
  labelOf,
  mergeVersion,
  parseDocument,
  readersOf,
  type Document,
} from "./document.ts";
import { renderFields } from "../fields.ts";
import { storeFault } from "./faults.ts";
import { makeDirectory, readFileOrNone, replaceFile } from "./files.ts";
import type { Sealer } from "./seal.ts";

/** How often a document that a foreign writer keeps changing is merged again. */
const mergeAttemptsMax = 5;

/** One document's file as it was read; `bytes` tell later whether somebody else wrote it since. */
export interface OpenedDocument {
  readonly document: Document;
  readonly digest: string;
}

export interface DocumentFile {
  readonly path: string;
  readonly sealer: Sealer;
  /** Recipients of the instance, besides the credentials' own. */
  readonly readers: readonly string[];
  readonly mode: number;
}

export interface Promotion {
  readonly address: StoreAddress;
  readonly request: PromoteRequest;
  /** The kept value, read only when it is needed. */
  readonly kept: () => Promise<StoredVersion | undefined>;
  /** Runs when the new document is durable beside the old one. */
  readonly beforeEffect: () => Promise<void>;
}

const digestOf = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? "none" : hash("sha256", bytes);

/** A missing file is an empty document. */
export const openDocument = async (file: DocumentFile): Promise<OpenedDocument> => {
  const bytes = await readFileOrNone(file.path);
  const digest = digestOf(bytes);
  if (bytes === undefined) return { document: emptyDocument, digest };
  return { document: parseDocument(await file.sealer.open(bytes)), digest };
};

/**
 * Compare-and-set on the label, by one rename. Only under the document's lock; a writer that does not take the
 * lock is seen by the digest right before the rename, its change is kept and ours is merged into it again.
 */
export const promoteDocument = async (
  file: DocumentFile,
  promotion: Promotion,
): Promise<"promoted" | "already" | "conflict"> => {
  for (let attempt = 0; attempt < mergeAttemptsMax; attempt += 1) {
    const opened = await openDocument(file);
    const outcome = compare(opened.document, promotion.request);
    if (outcome === "conflict") return outcome;
    const next = await nextDocument(opened.document, promotion, outcome);
    if (next === undefined) return outcome;
    if (await writeDocument(file, { opened, next, beforeEffect: promotion.beforeEffect }))
      return outcome;
  }
  throw storeFault("STORE_LOCKED", "foreign-writer");
};

const compare = (document: Document, { ref, from }: PromoteRequest) => {
  const current = labelOf(document, ref.credential)?.version;
  if (current === ref.version) return "already";
  return current === from ? "promoted" : "conflict";
};

const nextDocument = async (
  document: Document,
  { address, request, kept }: Promotion,
  outcome: "promoted" | "already",
): Promise<Document | undefined> => {
  const { ref, readers } = request;
  // A consumer that was registered after the promotion can read without waiting for the next rotation.
  if (outcome === "already") return addReaders(document, ref.credential, readers);
  const stored = await kept();
  if (stored === undefined) throw storeFault("STORE_VALUE_MISSING", "no-such-version");
  const values = renderFields(address.fields, stored);
  const { rotation, rotationNumber } = stored;
  return mergeVersion(document, { ...ref, rotation, rotationNumber, values, readers });
};

interface Writing {
  readonly opened: OpenedDocument;
  readonly next: Document;
  readonly beforeEffect: () => Promise<void>;
}

const writeDocument = async (file: DocumentFile, writing: Writing): Promise<boolean> => {
  const recipients = [...file.readers, ...readersOf(writing.next.labels)];
  const bytes = await file.sealer.seal(writing.next.text, recipients);
  await makeDirectory(dirname(file.path), file.mode === 0o600 ? 0o700 : 0o750);
  return replaceFile(file.path, {
    bytes,
    mode: file.mode,
    mayReplace: async () => {
      await writing.beforeEffect();
      return digestOf(await readFileOrNone(file.path)) === writing.opened.digest;
    },
  });
};
