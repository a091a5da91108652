import type { Clock, Failpoint, Store, StoreCapabilities, StoreId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import type { OwnLogins } from "@rekey/vault-client";
import type { z } from "zod";

/** What every store gets where it is wired. */
export interface StoreSetup<Options> {
  readonly instance: StoreId;
  /** Parsed by the entry's `optionsSchema`. */
  readonly options: Options;
  readonly clock: Clock;
  /** Follows a reference such as `file:/etc/rekey/age.key`; asked at every use, so it may cache. */
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  readonly failpoint?: Failpoint;
  /** Of the whole process: a refused login to Vault is not tried again by each instance. */
  readonly ownLogins?: OwnLogins;
}

export interface StoreEntry<Options> {
  readonly capabilities: StoreCapabilities;
  readonly optionsSchema: z.ZodType<Options>;
  /** Where secret references stand in the options: paths with dots, each a text or a list of texts, or left out. */
  readonly secretOptions: readonly string[];
  /** Opens nothing yet: the first call does. */
  readonly open: (setup: StoreSetup<Options>) => Store;
  /** The same for options as they were written; throws ZodError for what `optionsSchema` refuses. */
  readonly openWith: (setup: StoreSetup<unknown>) => Store;
}

/** An entry of the catalog; whoever loops over kinds uses `openWith`. */
export const storeEntry = <Options>(
  entry: Omit<StoreEntry<Options>, "openWith">,
): StoreEntry<Options> => ({
  ...entry,
  openWith: (setup) => entry.open({ ...setup, options: entry.optionsSchema.parse(setup.options) }),
});
