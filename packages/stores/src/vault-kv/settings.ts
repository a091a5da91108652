import { vaultConnectionShape } from "@rekey/vault-client";
import { z } from "zod";

const nameLengthMax = 200;

const place = z
  .string()
  .min(1)
  .max(nameLengthMax)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, {
    error: "must be names joined by /, without one at the ends",
  });

/** Settings of one vault-kv instance. */
export const vaultKvOptions = z.strictObject({
  ...vaultConnectionShape,
  /** Where a KV engine of version 2 is mounted. */
  mount: place.default("secret"),
  /** Folder of the mount that is Rekey's alone: pending values and history. No document lies below it. */
  prefix: place.default("rekey"),
});

export type VaultKvOptions = z.infer<typeof vaultKvOptions>;
