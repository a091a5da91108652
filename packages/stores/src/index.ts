export { storeCatalog } from "./catalog.ts";
export type { StoreKind } from "./catalog.ts";
export type { StoreEntry, StoreSetup } from "./store-entry.ts";
export { generateSealingKeys } from "./sealed-file/keys.ts";
export type { SealingKeys } from "./sealed-file/keys.ts";
export { documentPath } from "./sealed-file/paths.ts";
export { openSealedReader } from "./sealed-file/reader.ts";
export type { SealedReader, SealedReaderOptions, SealedReading } from "./sealed-file/reader.ts";
export type { SealedFileOptions } from "./sealed-file/settings.ts";
export { openVaultKvReader } from "./vault-kv/reader.ts";
export type {
  VaultKvReader,
  VaultKvReaderOptions,
  VaultKvReading,
  VaultReaderAuth,
} from "./vault-kv/reader.ts";
export type { VaultKvOptions } from "./vault-kv/settings.ts";
