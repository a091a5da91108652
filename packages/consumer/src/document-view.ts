import { createHmac, randomBytes } from "node:crypto";
import type { DocumentReader } from "./ports.ts";
import { wipe, type Value } from "./value.ts";

export interface DocumentView {
  /** Looks at the document; tells `onValue` when our value changed. One look at a time. Throws Fault. */
  refresh(): Promise<void>;
  hasValue(): boolean;
}

/** A change of siblings, or the same value sealed again, is no change. */
export const createDocumentView = (options: {
  readonly reader: DocumentReader;
  readonly signal: AbortSignal;
  readonly onValue: (value: Value) => void;
}): DocumentView => {
  // The value itself is not kept for comparing: it may be wiped, by us or by the workload.
  const key = randomBytes(32);
  let digest: string | undefined;
  let newest: string | undefined;
  let turn: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const reading = await options.reader.read(digest, options.signal);
    if (reading === undefined) return;
    digest = reading.digest;
    const value: Value = { version: reading.version, fields: reading.fields };
    const found = fingerprintOf(value, key);
    if (found === newest) return wipe(value);
    newest = found;
    options.onValue(value);
  };
  return {
    refresh: () => (turn = turn.then(look, look)),
    hasValue: () => newest !== undefined,
  };
};

const fingerprintOf = ({ version, fields }: Value, key: Uint8Array): string => {
  const texts = Object.entries(fields).map(([name, secret]) => [name, secret.reveal()]);
  return createHmac("sha256", key)
    .update(JSON.stringify([version, texts]))
    .digest("hex");
};
