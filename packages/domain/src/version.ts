import type { CredentialId, RotationId } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { ProofOfDeath } from "./proof.ts";
import type { Fingerprint } from "./ports/secret-value.ts";

export const versionLabels = ["none", "pending", "current", "previous"] as const;
export type VersionLabel = (typeof versionLabels)[number];

/** `ending`: the irreversible end was asked and is not yet proven. `revoked` is final and proven. */
export const versionLives = ["planned", "valid", "suspended", "ending", "revoked"] as const;
export type VersionLife = (typeof versionLives)[number];

/** One value of a credential. `number` counts from 1 per credential and is never used twice. */
export interface Version {
  readonly credential: CredentialId;
  readonly number: number;
  readonly label: VersionLabel;
  readonly life: VersionLife;
  readonly rotation: RotationId;
  /** The provider's name for it, once known. */
  readonly principal?: string;
  /** Written into the provider's metadata by us. */
  readonly marked: boolean;
  readonly fingerprints: readonly Fingerprint[];
  /** A value was put into the store (and stays there until the watch ends). */
  readonly staged: boolean;
  readonly exposedAt?: Instant;
  readonly mintedAt?: Instant;
  readonly promotedAt?: Instant;
  readonly containedAt?: Instant;
  readonly suspendedAt?: Instant;
  readonly provenDeadAt?: Instant;
  readonly proof?: ProofOfDeath;
}

/** Lives in which the provider may still let it in. */
export const isAlive = (version: Version): boolean =>
  version.life === "valid" || version.life === "suspended" || version.life === "ending";

/** `suspended → valid` is the one way back; `revoked` is final. */
export const versionLifeTransitions: Readonly<Record<VersionLife, readonly VersionLife[]>> = {
  planned: ["valid", "ending", "revoked"],
  valid: ["suspended", "ending"],
  suspended: ["valid", "ending"],
  ending: ["revoked"],
  revoked: [],
};
