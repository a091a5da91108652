import type { z } from "zod";
import { schemaTree } from "./schema-tree.ts";
import { variableOf } from "./environment.ts";

/** One row of the generated configuration reference. */
export type ConfigReferenceRow = {
  readonly path: string;
  readonly type: string;
  /** As it would be written; undefined where a value is required or absent. */
  readonly default: string | undefined;
  readonly isRequired: boolean;
  readonly description: string;
  /** Why the default is what it is. */
  readonly reason: string;
  /** The environment variable that sets it; none below maps, lists and alternatives. */
  readonly variable: string | undefined;
};

/** What can be configured, in the order of the schema; the docs page is made of it. */
export function configReference(schema: z.ZodType): ConfigReferenceRow[] {
  const nodes = schemaTree(schema).filter(({ path }) => path !== "");
  return nodes
    .filter((node) => node.isLeaf || node.description !== undefined || node.default !== undefined)
    .map((node) => ({
      path: node.path,
      type: node.type,
      default: node.default === undefined ? undefined : written(node.default),
      isRequired: node.default === undefined && !node.isOptional,
      description: node.description ?? "",
      reason: node.reason ?? "",
      variable: node.keys === undefined ? undefined : variableOf(node.keys),
    }));
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
