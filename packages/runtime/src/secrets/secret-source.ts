import type { Secret } from "@rekey/secret";

/** A secret that may change while the process runs. */
export type SecretSource = {
  read(): Promise<Secret>;
  /** After an authentication failure: the next read asks again, once. */
  invalidate(): void;
};
