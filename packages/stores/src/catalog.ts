import { vaultSecretOptions } from "@rekey/vault-client";
import { sealedFileOptions } from "./sealed-file/settings.ts";
import { openSealedFileStore, sealedFileCapabilities } from "./sealed-file/store.ts";
import { storeEntry } from "./store-entry.ts";
import { openVaultKv } from "./vault-kv/open.ts";
import { vaultKvOptions } from "./vault-kv/settings.ts";
import { vaultKvCapabilities } from "./vault-kv/store.ts";

const sealedFile = storeEntry({
  capabilities: sealedFileCapabilities,
  optionsSchema: sealedFileOptions,
  secretOptions: ["identities"],
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
});

const vaultKv = storeEntry({
  capabilities: vaultKvCapabilities,
  optionsSchema: vaultKvOptions,
  secretOptions: vaultSecretOptions,
  open: openVaultKv,
});

/** Every store by its folder's name. */
export const storeCatalog = { "sealed-file": sealedFile, "vault-kv": vaultKv } as const;

export type StoreKind = keyof typeof storeCatalog;
