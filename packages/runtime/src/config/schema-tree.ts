import type { z } from "zod";

/** One place of a schema that a person may write. */
export type SchemaNode = {
  /** Dotted; `<name>` for the free keys of a record, `[]` for elements, `(kind=x)` for one of a union. */
  readonly path: string;
  /** The keys down to it, undefined below a record, an array or a union: no variable names those. */
  readonly keys: readonly string[] | undefined;
  readonly type: string;
  readonly isLeaf: boolean;
  readonly default?: unknown;
  readonly isOptional: boolean;
  readonly description?: string;
  readonly reason?: string;
};

type Definition = {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
};

type Place = { readonly path: string; readonly keys: readonly string[] | undefined };

/** Every place of a schema, parents first. Throws where a schema would let unknown keys pass. */
export function schemaTree(schema: z.ZodType, place: Place = { path: "", keys: [] }): SchemaNode[] {
  const { core, ...found } = unwrapped(schema);
  const definition = definitionOf(core);
  const children = childrenOf(definition, place);
  const node: SchemaNode = {
    ...place,
    ...found,
    type: found.written ?? typeName(definition),
    isLeaf: children.length === 0,
  };
  return [node, ...children.flatMap((child) => schemaTree(child.schema, child))];
}

function unwrapped(schema: z.ZodType): {
  core: z.ZodType;
  isOptional: boolean;
  default?: unknown;
  description?: string;
  reason?: string;
  written?: string;
} {
  const definition = definitionOf(schema);
  const { description, reason, written } = schema.meta() ?? {};
  const own = {
    ...(description !== undefined && { description }),
    ...(reason !== undefined && { reason }),
    ...(written !== undefined && { written }),
  };
  const inner = innerOf(definition);
  if (inner === undefined) return { core: schema, isOptional: false, ...own };
  const below = unwrapped(inner);
  const isOptional = definition.type === "optional" || below.isOptional;
  if (!("defaultValue" in definition)) return { ...below, ...own, isOptional };
  return { ...below, ...own, isOptional, default: definition.defaultValue };
}

// A pipe is a transformed input, or a checked output behind a preprocessing.
function innerOf(definition: Definition): z.ZodType | undefined {
  if (definition.innerType !== undefined) return definition.innerType;
  if (definition.in === undefined) return undefined;
  return definitionOf(definition.in).type === "transform" ? definition.out : definition.in;
}

function childrenOf(definition: Definition, place: Place): (Place & { schema: z.ZodType })[] {
  if (definition.type === "object") return fieldsOf(definition, place);
  const prefix = place.path;
  if (definition.type === "record") {
    const path = prefix === "" ? "<name>" : `${prefix}.<name>`;
    return [{ path, keys: undefined, schema: definition.valueType! }];
  }
  if (definition.type === "array" && !isPlain(definition.element!)) {
    return [{ path: `${prefix}[]`, keys: undefined, schema: definition.element! }];
  }
  if (definition.type === "union" && definition.discriminator !== undefined) {
    return optionsOf(definition, prefix);
  }
  return [];
}

function fieldsOf(definition: Definition, place: Place): (Place & { schema: z.ZodType })[] {
  if (definition.catchall === undefined || definitionOf(definition.catchall).type !== "never") {
    throw new TypeError(`the object at "${place.path}" lets unknown keys pass: use z.strictObject`);
  }
  return Object.entries(definition.shape ?? {}).map(([key, schema]) => ({
    path: place.path === "" ? key : `${place.path}.${key}`,
    keys: place.keys === undefined ? undefined : [...place.keys, key],
    schema,
  }));
}

function optionsOf(definition: Definition, prefix: string): (Place & { schema: z.ZodType })[] {
  const name = definition.discriminator!;
  return definition.options!.map((schema) => {
    const value = definitionOf(definitionOf(schema).shape![name]!).values?.[0];
    return { path: `${prefix}(${name}=${String(value)})`, keys: undefined, schema };
  });
}

function typeName(definition: Definition): string {
  if (definition.type === "enum") return Object.values(definition.entries ?? {}).join(" | ");
  if (definition.type === "literal") return (definition.values ?? []).map(String).join(" | ");
  if (definition.type === "array") return `list of ${typeOf(definition.element!)}`;
  if (definition.type === "record") return "map";
  if (definition.type === "union") {
    if (definition.discriminator !== undefined) return `one of, by ${definition.discriminator}`;
    return definition.options!.map(typeOf).join(" | ");
  }
  return definition.type;
}

function typeOf(schema: z.ZodType): string {
  const { core, written } = unwrapped(schema);
  return written ?? typeName(definitionOf(core));
}

function isPlain(schema: z.ZodType): boolean {
  return !["object", "record", "array", "union"].includes(
    definitionOf(unwrapped(schema).core).type,
  );
}

function definitionOf(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}
