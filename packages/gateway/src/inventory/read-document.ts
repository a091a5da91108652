import { parseInventory } from "@rekey/contracts";
import { counted, type Inventory, type Refusal } from "@rekey/domain";
import type { GatewayOptions } from "../options.ts";
import { invalid } from "../server/refused.ts";
import { reservedProblems, withControls } from "./controls.ts";
import { providerProblems } from "./provider-problems.ts";

/** The whole inventory in a document, or every problem of it at once: shapes, references, providers. */
export const readDocument = (
  parts: Pick<GatewayOptions, "issuers" | "stores" | "controls">,
  document: unknown,
): Inventory | Refusal => {
  const parsed = parseInventory(document);
  const shape = parsed.problems ?? reservedProblems(parsed.value, parts.controls);
  const told = new Set(shape.map(({ path }) => path));
  const provider = providerProblems(parts, document).filter(({ path }) => !told.has(path));
  const problems = [...shape, ...provider];
  if (parsed.value === undefined || problems.length > 0)
    return invalid(`the inventory has ${counted(problems.length, "problem")}`, problems);
  return withControls(parsed.value, parts.controls);
};
