import { Fault, type Material } from "@rekey/domain";
import { placeholdersOf, renderTemplate } from "./template.ts";

/** What templates are filled with: the material, and the number that Rekey gave to this version. */
interface Filling {
  readonly version: number;
  readonly material: Material;
}

/** The values of an address' fields, ready to be written. STORE_REJECTED names the placeholder that is unknown. */
export const renderFields = (
  fields: Readonly<Record<string, string>>,
  { version, material }: Filling,
): ReadonlyMap<string, string> => {
  const values = {
    ...material.fields,
    version: String(version),
    secret: material.secret.reveal(),
  };
  return new Map(
    Object.entries(fields).map(([name, template]) => {
      const rendered = renderTemplate(template, values);
      if ("problem" in rendered) {
        throw new Fault("STORE_REJECTED", { providerCode: `template:${rendered.problem}` });
      }
      return [name, rendered.text];
    }),
  );
};

/** The fields that hold the secret; the others may be equal in every version. */
export const secretFieldsOf = (fields: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(fields)
    .filter(([, template]) => placeholdersOf(template)?.includes("secret") === true)
    .map(([name]) => name);
