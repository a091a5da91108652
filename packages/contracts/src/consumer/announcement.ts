import { rotationId, credentialId, type Announcement } from "@rekey/domain";
import { z } from "zod";
import { idSchema, inventoryNameSchema, textSchema } from "../text.ts";
import { instantSchema } from "../time.ts";

export const announcementType = "rekey.credential.promoted.v1";

/** Told to the consumers of a credential. Sequences grow per credential: a lower or equal one is old news. */
export const announcementSchema = z
  .object({
    type: z.literal(announcementType),
    credential: idSchema(inventoryNameSchema, credentialId),
    version: z.int().positive(),
    rotation: idSchema(textSchema(64), rotationId),
    sequence: z.int().positive(),
    at: instantSchema,
  })
  .readonly();

/** As it stands on the wire: the time is RFC 3339. */
export type AnnouncementWire = z.input<typeof announcementSchema>;

export const announcementWire = (announcement: Announcement): AnnouncementWire => ({
  type: announcementType,
  credential: announcement.credential,
  version: announcement.version,
  rotation: announcement.rotation,
  sequence: announcement.sequence,
  at: z.encode(instantSchema, announcement.at),
});
