import type { SettingsProblem, StoreAddress } from "@rekey/domain";
import { z } from "zod";
import { placeholdersOf } from "./template.ts";

const fieldsMax = 64;
const documentLengthMax = 200;
const templateLengthMax = 4_096;

/** The key under which a document keeps Rekey's labels; no field may have it. */
export const reservedKey = "$rekey";

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const reservedEnding = /\.(age|versions|new)$/i;

const isDocument = (text: string): boolean =>
  text.split("/").every((part) => segment.test(part) && !reservedEnding.test(part));

const isField = (name: string): boolean => name !== reservedKey && name !== "__proto__";

const addressSchema = z.strictObject({
  store: z.string().min(1),
  document: z.string().min(1).max(documentLengthMax).refine(isDocument, {
    error:
      "must be names joined by /, of letters, digits, dot, dash and underscore, none ending in .age, .versions or .new",
  }),
  fields: z
    .record(
      z.string().min(1).max(documentLengthMax).refine(isField, { error: "is a reserved name" }),
      z
        .string()
        .max(templateLengthMax)
        .refine((text) => placeholdersOf(text) !== undefined, {
          error: "has a lone brace; write {{ or }} for a literal one",
        }),
    )
    .refine((fields) => Object.keys(fields).length > 0, { error: "needs at least one field" })
    .refine((fields) => Object.keys(fields).length <= fieldsMax, { error: "has too many fields" })
    .refine(
      (fields) => Object.values(fields).some((text) => placeholdersOf(text)?.includes("secret")),
      {
        error: "no field holds {secret}",
      },
    ),
});

/** Every problem of a store address; empty when it can be used. */
export const checkStoreAddress = (address: unknown): readonly SettingsProblem[] => {
  const parsed = addressSchema.safeParse(address);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    path: issue.path.join("."),
    reason: issue.message,
  }));
};

/** The same check where only yes or no matters: before an address becomes a path. */
export const isStoreAddress = (address: StoreAddress): boolean =>
  addressSchema.safeParse(address).success;
