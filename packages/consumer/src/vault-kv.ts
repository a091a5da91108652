import { second } from "@rekey/domain";
import { openVaultKvReader, type VaultKvReaderOptions } from "@rekey/stores";
import type { DocumentReader } from "./ports.ts";
import { systemClock } from "./system-clock.ts";

/** A document in Vault and the workload's own way to it: a token, or an AppRole. Nothing is sent before the first read. */
export type VaultDocument = Omit<VaultKvReaderOptions, "clock">;

/** Each look is a request to a server that many share: announcements are what makes a change seen at once. */
const pollMs = 10 * second;

/** The value as Vault has it, read with the right to read this one document and nothing else. */
export const vaultKvReader = (document: VaultDocument): DocumentReader => ({
  ...openVaultKvReader({ ...document, clock: systemClock }),
  pollMs,
});
