import { credentialId, rotationId } from "@rekey/domain";
import type { Mark, VersionRef } from "@rekey/domain";

type Metadata = Readonly<Record<string, string>>;

const credentialKey = "rekey_credential";
const versionKey = "rekey_version";
const rotationKey = "rekey_rotation";

/** What a secret id says of itself. Vault copies it into every token that is issued from it, and into audit. */
export const metadataOf = ({ credential, version, rotation }: Mark): Metadata => ({
  [credentialKey]: credential,
  [versionKey]: String(version),
  [rotationKey]: rotation,
});

/** Undefined for anything that is not exactly ours. Others' keys, such as a token's `role_name`, do not count. */
export function parseMark(metadata: Metadata): Mark | undefined {
  const credential = metadata[credentialKey];
  const rotation = metadata[rotationKey];
  const version = Number(metadata[versionKey]);
  if (credential === undefined || rotation === undefined) return undefined;
  if (!Number.isSafeInteger(version) || String(version) !== metadata[versionKey]) return undefined;
  return { credential: credentialId(credential), version, rotation: rotationId(rotation) };
}

export const sameVersion = (mark: Mark, ref: VersionRef): boolean =>
  mark.credential === ref.credential && mark.version === ref.version;

export const sameMark = (left: Mark, right: Mark): boolean =>
  sameVersion(left, right) && left.rotation === right.rotation;
