import type { CredentialId, RotationId } from "@rekey/domain";
import { z } from "zod";
import { reservedKey } from "../address.ts";
import { scanMembers, spliceMembers } from "../json-members.ts";
import { storeFault } from "./faults.ts";

/** What the document itself says of one credential. Loose: a newer build's additions are kept. */
const labelSchema = z.looseObject({
  version: z.int().positive(),
  rotation: z.string(),
  rotationNumber: z.int().nonnegative(),
  /** Highest version that was ever current: what was staged above it is pending. */
  promoted: z.int().positive(),
  /** Keys of the document that are ours, once and for all. */
  fields: z.array(z.string()),
  /** Recipients that need this credential; the document is sealed to the union of all credentials' readers. */
  readers: z.array(z.string()),
});

export type Label = z.infer<typeof labelSchema>;
export type Labels = Readonly<Record<string, Label>>;

const labelsSchema = z.record(z.string(), labelSchema);

/** An opened document: its exact text and the labels in it. */
export interface Document {
  readonly text: string;
  readonly labels: Labels;
}

export const emptyDocument: Document = { text: "{}\n", labels: {} };

/** STORE_REJECTED when it is no JSON object or its labels cannot be understood. */
export const parseDocument = (text: string): Document => {
  const members = scanMembers(text);
  if (members === undefined) throw storeFault("STORE_REJECTED", "not-a-json-object");
  const own = members.filter(({ key }) => key === reservedKey);
  if (own.length > 1) throw storeFault("STORE_REJECTED", "duplicate-key");
  const [member] = own;
  if (member === undefined) return { text, labels: {} };
  const parsed = labelsSchema.safeParse(JSON.parse(text.slice(member.valueStart, member.valueEnd)));
  if (!parsed.success) throw storeFault("STORE_REJECTED", "labels-garbled");
  return { text, labels: parsed.data };
};

export const labelOf = (document: Document, credential: CredentialId): Label | undefined =>
  Object.hasOwn(document.labels, credential) ? document.labels[credential] : undefined;

/** Everybody the document is sealed to, apart from Rekey. */
export const readersOf = (labels: Labels): readonly string[] => [
  ...new Set(Object.values(labels).flatMap(({ readers }) => readers)),
];

export interface Merge {
  readonly credential: CredentialId;
  readonly version: number;
  readonly rotation: RotationId;
  readonly rotationNumber: number;
  readonly values: ReadonlyMap<string, string>;
  readonly readers: readonly string[];
}

/** The document with our fields and the label changed, in one text; every other byte stays. */
export const mergeVersion = (document: Document, merge: Merge): Document => {
  const before = labelOf(document, merge.credential);
  refuseForeignFields(document, merge);
  const label: Label = {
    ...before,
    version: merge.version,
    rotation: merge.rotation,
    rotationNumber: merge.rotationNumber,
    promoted: Math.max(merge.version, before?.promoted ?? 0),
    fields: [...new Set([...(before?.fields ?? []), ...merge.values.keys()])],
    readers: [...new Set(merge.readers)],
  };
  const values = [...merge.values].map(([name, value]) => [name, JSON.stringify(value)] as const);
  return withLabel(document, { credential: merge.credential, label }, values);
};

/** The document with more readers of one credential; its values stay. */
export const addReaders = (
  document: Document,
  credential: CredentialId,
  readers: readonly string[],
): Document | undefined => {
  const label = labelOf(document, credential);
  if (label === undefined || readers.every((reader) => label.readers.includes(reader)))
    return undefined;
  const union = [...new Set([...label.readers, ...readers])];
  return withLabel(document, { credential, label: { ...label, readers: union } }, []);
};

const withLabel = (
  document: Document,
  entry: { readonly credential: CredentialId; readonly label: Label },
  values: readonly (readonly [string, string])[],
): Document => {
  const labels = { ...document.labels, [entry.credential]: entry.label };
  const changes = new Map([...values, [reservedKey, JSON.stringify(labels)] as const]);
  return { text: spliceMembers(document.text, changes), labels };
};

/**
 * A field that exists and is not ours is taken over by the first version only: then the document's owner has
 * just put it under Rekey. Later it is somebody else's; another credential's field always is.
 */
const refuseForeignFields = (document: Document, { credential, values }: Merge): void => {
  const own = labelOf(document, credential);
  const keys = scanMembers(document.text)?.map(({ key }) => key) ?? [];
  for (const name of values.keys()) {
    const count = keys.filter((key) => key === name).length;
    if (count > 1) throw storeFault("STORE_REJECTED", "duplicate-key");
    if (belongsToAnother(document, credential, name)) {
      throw storeFault("STORE_REJECTED", "field-of-another-credential");
    }
    if (own !== undefined && count === 1 && !own.fields.includes(name)) {
      throw storeFault("STORE_REJECTED", "field-not-ours");
    }
  }
};

const belongsToAnother = (document: Document, credential: CredentialId, name: string): boolean =>
  Object.entries(document.labels).some(
    ([other, label]) => other !== credential && label.fields.includes(name),
  );
