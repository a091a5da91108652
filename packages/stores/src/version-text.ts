import { Fault, type RotationId, type StoredVersion, type VersionRef } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { z } from "zod";

const versionSchema = z.object({
  credential: z.string(),
  version: z.int().positive(),
  rotation: z.string(),
  rotationNumber: z.int().nonnegative(),
  fields: z.record(z.string(), z.string()),
  secret: z.string(),
});

/** One version's value as a JSON object, for the place that is Rekey's alone. */
export const versionText = (ref: VersionRef, stored: StoredVersion): string =>
  JSON.stringify({
    credential: ref.credential,
    version: ref.version,
    rotation: stored.rotation,
    rotationNumber: stored.rotationNumber,
    fields: stored.material.fields,
    secret: stored.material.secret.reveal(),
  });

/** STORE_REJECTED when it cannot be understood or is another version's. */
export const parseVersion = (text: string, ref: VersionRef): StoredVersion => {
  const parsed = versionSchema.safeParse(parseJson(text));
  const isAsked = parsed.data?.credential === ref.credential && parsed.data.version === ref.version;
  if (!parsed.success || !isAsked) {
    throw new Fault("STORE_REJECTED", { providerCode: "version-garbled" });
  }
  const { version, rotation, rotationNumber, fields, secret } = parsed.data;
  const material = { fields, secret: Secret.fromUtf8(secret) };
  return { version, rotation: rotation as RotationId, rotationNumber, material };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
