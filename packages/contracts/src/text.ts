import { isInventoryName, type Problem } from "@rekey/domain";
import { z } from "zod";

/** One line of text for people or machines: no control characters, well-formed, bounded. */
export const textSchema = (lengthMax: number): z.ZodString =>
  z
    .string()
    .min(1, "must not be empty")
    .max(lengthMax, `is longer than ${lengthMax} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has a control character");

/** The names people give in the inventory. */
export const inventoryNameSchema = z
  .string()
  .max(63, "is longer than 63 characters")
  .refine(isInventoryName, "must be a name such as payments-db: a-z, 0-9, dot, dash, underscore");

/** A branded id in code, plain text on the wire; unlike a transform it can be written again. */
export const idSchema = <Id extends string>(
  text: z.ZodType<string, string>,
  brand: (id: string) => Id,
) => z.codec(text, z.custom<Id>(), { decode: brand, encode: (id) => id });

/** SHA-256 as hex. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");

export const uuidSchema = z.uuid("must be a UUID");

export const problemSchema = z.strictObject({
  path: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<Problem>;
