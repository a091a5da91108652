export { storeCatalog } from "./catalog.ts";
export type { StoreEntry, StoreKind, StoreSetup } from "./catalog.ts";
export { generateSealingKeys } from "./sealed-file/keys.ts";
export type { SealingKeys } from "./sealed-file/keys.ts";
export { documentPath } from "./sealed-file/paths.ts";
export { openSealedReader } from "./sealed-file/reader.ts";
export type { SealedReader, SealedReaderOptions, SealedReading } from "./sealed-file/reader.ts";
export type { SealedFileOptions } from "./sealed-file/settings.ts";
