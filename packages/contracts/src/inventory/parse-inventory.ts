import { identityId, policyDefaults, policyName, type Inventory } from "@rekey/domain";
import { z } from "zod";
import { parseNaming, problemsMax, type Parsed } from "../parsed.ts";
import { defaultPolicy, inventoryDocumentSchema, ownIdentity } from "./document-schema.ts";
import { referenceProblems } from "./references.ts";

/**
 * The inventory in a parsed document, or every problem of it at once: shapes, unknown keys, names that lead
 * nowhere. What needs no declaration (Rekey's own identity, the default policy) is added where it is used.
 */
export const parseInventory = (document: unknown): Parsed<Inventory> => {
  const parsed = parseNaming(inventoryDocumentSchema, document);
  const problems = [...(parsed.problems ?? []), ...referenceProblems(document)];
  if (parsed.value === undefined || problems.length > 0) {
    return { problems: problems.slice(0, problemsMax) };
  }
  return { value: withImplied(parsed.value) };
};

/** JSON Schema of the document, for editors. */
export const inventoryJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(inventoryDocumentSchema, { io: "input" });

function withImplied(inventory: Inventory): Inventory {
  const { identities, policies, credentials, consumers } = inventory;
  const usesOwn = [...credentials, ...consumers].some(({ identity }) => identity === ownIdentity);
  const declaresOwn = identities.some(({ id }) => id === ownIdentity);
  const usesDefault = credentials.some(({ policy }) => policy === defaultPolicy);
  const declaresDefault = policies.some(({ name }) => name === defaultPolicy);
  const own = { id: identityId(ownIdentity), kind: "service", aliases: [], active: true } as const;
  return {
    ...inventory,
    identities: usesOwn && !declaresOwn ? [...identities, own] : identities,
    policies:
      usesDefault && !declaresDefault
        ? [...policies, { ...policyDefaults, name: policyName(defaultPolicy) }]
        : policies,
  };
}
