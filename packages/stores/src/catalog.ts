import type { Clock, Failpoint, Store, StoreCapabilities, StoreId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import type { z } from "zod";
import { sealedFileOptions, type SealedFileOptions } from "./sealed-file/settings.ts";
import { openSealedFileStore, sealedFileCapabilities } from "./sealed-file/store.ts";

/** What every store gets where it is wired. */
export interface StoreSetup<Options> {
  readonly instance: StoreId;
  /** Parsed by the entry's `optionsSchema`. */
  readonly options: Options;
  readonly clock: Clock;
  /** Follows a reference such as `file:/etc/rekey/age.key`; asked at every use, so it may cache. */
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  readonly failpoint?: Failpoint;
}

export interface StoreEntry<Options> {
  readonly capabilities: StoreCapabilities;
  readonly optionsSchema: z.ZodType<Options>;
  /** Opens nothing yet: the first call does. */
  readonly open: (setup: StoreSetup<Options>) => Store;
}

const sealedFile: StoreEntry<SealedFileOptions> = {
  capabilities: sealedFileCapabilities,
  optionsSchema: sealedFileOptions,
  open: ({ instance, options, clock, resolveSecret, failpoint }) =>
    openSealedFileStore({
      instance,
      root: options.root,
      identities: () => Promise.all(options.identities.map(resolveSecret)),
      readers: options.readers,
      documentMode: Number.parseInt(options.documentMode, 8),
      clock,
      failpoint: failpoint ?? (async () => {}),
    }),
};

/** Every store by its folder's name. */
export const storeCatalog = { "sealed-file": sealedFile } as const;

export type StoreKind = keyof typeof storeCatalog;
