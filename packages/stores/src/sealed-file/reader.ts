import { hash } from "node:crypto";
import type { CredentialId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { pickFields } from "../reading.ts";
import { labelOf, parseDocument } from "./document.ts";
import { readFileOrNone } from "./files.ts";
import { openSealed } from "./seal.ts";

export interface SealedReaderOptions {
  /** The document's file, `<root>/<document>.age`. */
  readonly path: string;
  /** The reader's own age identity. */
  readonly identity: () => Promise<Secret>;
  readonly credential: CredentialId;
  /** Fields of the document to read. */
  readonly fields: readonly string[];
}

/** One state of the document, as a consumer sees it. */
export interface SealedReading {
  readonly version: number;
  readonly rotationNumber: number;
  readonly fields: Readonly<Record<string, Secret>>;
  /** SHA-256 of the file: equal digests, equal document. */
  readonly digest: string;
}

export interface SealedReader {
  /**
   * The current value; undefined while there is none, and when the file still is the one with `knownDigest`.
   * Throws Fault: STORE_REJECTED (not sealed to this reader, garbled, a field missing), STORE_UNREACHABLE.
   */
  read(knownDigest?: string): Promise<SealedReading | undefined>;
}

/** Reads a sealed document with the reader's key alone: no lock, no write, no knowledge of Rekey's. */
export const openSealedReader = (options: SealedReaderOptions): SealedReader => ({
  read: async (knownDigest) => {
    const bytes = await readFileOrNone(options.path);
    if (bytes === undefined) return undefined;
    const digest = hash("sha256", bytes);
    if (digest === knownDigest) return undefined;
    const text = await openSealed(bytes, await options.identity());
    const label = labelOf(parseDocument(text), options.credential);
    if (label === undefined) return undefined;
    const { version, rotationNumber } = label;
    return { version, rotationNumber, fields: pickFields(text, options.fields), digest };
  },
});
