export { openVaultClient } from "./client.ts";
export type {
  VaultAnswer,
  VaultClient,
  VaultNode,
  VaultReading,
  VaultRequest,
  VaultRequests,
  VaultSetup,
} from "./client.ts";
export { VaultError } from "./error.ts";
export type { VaultKind, VaultPhrase } from "./error.ts";
export { createOwnLogins } from "./own-logins.ts";
export type { OwnLogins } from "./own-logins.ts";
export { segmentsOf, vaultPath } from "./path.ts";
export type { VaultPath } from "./path.ts";
export { vaultConnectionShape, vaultSecretOptions } from "./settings.ts";
export type { VaultConnection } from "./settings.ts";
