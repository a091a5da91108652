import { assert } from "@rekey/domain";
import type { Secret } from "@rekey/secret";

/** One value of the credential as the document gives it. */
export interface Value {
  readonly version: number;
  /** By field of the document: `value.fields.DATABASE_URL.reveal()`. */
  readonly fields: Readonly<Record<string, Secret>>;
}

/** The values given out that are not wiped yet, oldest first. */
export interface HeldValues {
  newest(): Value;
  add(value: Value): void;
  keepOnly(value: Value): void;
  wipe(): void;
}

/** Values kept where no handler ever says that it moved; then the oldest is wiped. */
const heldMax = 16;

export const createHeldValues = (): HeldValues => {
  let held: Value[] = [];
  let newest: Value | undefined;
  const keep = (wanted: (value: Value) => boolean): void => {
    for (const value of held.filter((one) => !wanted(one))) wipe(value);
    held = held.filter(wanted);
  };
  return {
    newest: () => {
      assert(newest !== undefined, "a consumer is open only with a value");
      return newest;
    },
    add: (value) => {
      newest = value;
      held.push(value);
      const kept = new Set(held.slice(-heldMax));
      keep((one) => kept.has(one));
    },
    // A newer one may have been read meanwhile: it stays.
    keepOnly: (value) => keep((one) => one === value || one === newest),
    wipe: () => keep(() => false),
  };
};

export const wipe = (value: Value): void => {
  for (const secret of Object.values(value.fields)) secret.dispose();
};
