import { createHash } from "node:crypto";
import { credentialId, rotationId } from "@rekey/domain";
import type { CredentialId, Mark, VersionRef } from "@rekey/domain";

/** NAMEDATALEN - 1: longer names are cut by the server without an error, in bytes. */
export const nameBytesMax = 63;
const digestLength = 12;
const bytesOf = (text: string): number => Buffer.byteLength(text, "utf8");

/**
 * The login role of one version: `rekey_<credential>_<version>`. A credential name that would not fit, or
 * holds what a role name cannot, is cut and gets `~` and a digest; `~` cannot occur in an inventory name.
 */
export function principalName(ref: VersionRef): string {
  const plain = `rekey_${ref.credential}_${ref.version}`;
  const usable = ref.credential.toWellFormed().replaceAll("\0", "");
  if (usable === ref.credential && bytesOf(plain) <= nameBytesMax) return plain;
  const digest = createHash("sha256").update(JSON.stringify(ref.credential)).digest("hex");
  const tail = `~${digest.slice(0, digestLength)}_${ref.version}`;
  return cutToBytes(`rekey_${usable}`, nameBytesMax - bytesOf(tail)) + tail;
}

function cutToBytes(text: string, bytesMax: number): string {
  let cut = "";
  let bytes = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > bytesMax) return cut;
    cut += character;
  }
  return cut;
}

/** The role comment that says whose a role is: `{"rekey":{"credential":…,"version":…,"rotation":…}}`. */
export function markText(mark: Mark): string {
  const { credential, version, rotation } = mark;
  return JSON.stringify({ rekey: { credential, version, rotation } });
}

/** Every mark of one credential begins with this text. */
export const markPrefix = (credential: CredentialId): string =>
  `${JSON.stringify({ rekey: { credential } }).slice(0, -2)},`;

/** Undefined for any comment that is not exactly ours. */
export function parseMark(comment: string | undefined): Mark | undefined {
  if (comment === undefined || !comment.startsWith('{"rekey":')) return undefined;
  const found = parsed(comment);
  return found !== undefined && markText(found) === comment ? found : undefined;
}

function parsed(comment: string): Mark | undefined {
  try {
    const { rekey } = JSON.parse(comment) as { rekey?: Record<string, unknown> };
    const { credential, version, rotation } = rekey ?? {};
    if (typeof credential !== "string" || typeof rotation !== "string") return undefined;
    if (!Number.isSafeInteger(version)) return undefined;
    return {
      credential: credentialId(credential),
      version: version as number,
      rotation: rotationId(rotation),
    };
  } catch {
    return undefined;
  }
}

export const sameVersion = (mark: Mark, ref: VersionRef): boolean =>
  mark.credential === ref.credential && mark.version === ref.version;

export const sameMark = (left: Mark, right: Mark): boolean => markText(left) === markText(right);
