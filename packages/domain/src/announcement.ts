import type { CredentialId, RotationId } from "./ids.ts";
import type { Instant } from "./instant.ts";

/** What consumers are told. `sequence` grows by one per credential; a consumer ignores lower ones. */
export interface Announcement {
  readonly credential: CredentialId;
  readonly version: number;
  readonly rotation: RotationId;
  readonly sequence: number;
  readonly at: Instant;
}
