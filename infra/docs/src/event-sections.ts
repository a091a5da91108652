import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  acknowledgementType,
  auditJsonSchema,
  auditWireTypes,
  quarantinedType,
  signalJsonSchema,
  signalTypes,
  statementJsonSchema,
  statementTypes,
  type SignalType,
} from "@rekey/contracts";
import { auditEventTypes } from "@rekey/domain";
import { code, table } from "./markdown.ts";

/** Every event on a topic: signals and what consumers say, audit events, quarantined inputs; fields and examples. */
export const eventSections = (): readonly string[] => [
  "## Signals in",
  ...signalTypes.flatMap(signalSection),
  "## What consumers say in",
  `On ${code("rekey.in.moved")}, of the types ${statementTypes.map(code).join(" and ")}; the claims are in the JWS.`,
  fieldTable(statementJsonSchema()),
  example(`consumer/fixtures/${acknowledgementType}`),
  "## Audit events out",
  fieldTable(auditFields()),
  "Cases, rotations, versions, watches and signals name what they are about; the other names are left out where there is nothing to name.",
  example(`audit/fixtures/${auditWireTypes["consumer.moved"]}`),
  auditTable(),
  "## Quarantined inputs out",
  example(`quarantine/fixtures/${quarantinedType}`),
];

const signalSection = (type: SignalType): readonly string[] => [
  `### ${code(type)}`,
  fieldTable(signalJsonSchema(type)),
  example(`signals/fixtures/${type}`),
];

type Field = {
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly type?: string;
  readonly format?: string;
  readonly default?: unknown;
};

const fieldTable = (schema: Record<string, unknown>): string => {
  const { properties, required = [] } = schema as {
    properties: Record<string, Field>;
    required?: readonly string[];
  };
  return table(
    ["Field of `data`", "What it holds", "If absent"],
    Object.entries(properties).map(([name, field]) => [
      code(name),
      contentOf(field),
      absenceOf(field, required.includes(name)),
    ]),
  );
};

const contentOf = (field: Field): string => {
  if (field.enum !== undefined) return field.enum.map(code).join(", ");
  return field.const === undefined ? (field.format ?? field.type ?? "any") : code(field.const);
};

const absenceOf = (field: Field, required: boolean): string => {
  if (field.default !== undefined) return code(JSON.stringify(field.default));
  return required ? "refused" : "–";
};

/** What the data of every audit event has; its own `type` is the name in the list below. */
const auditFields = (): Record<string, unknown> => {
  const schema = auditJsonSchema("mode.set");
  const properties = { ...(schema["properties"] as object), type: { type: "string" } };
  return { ...schema, properties };
};

const auditTable = (): string =>
  table(
    ["Type", "For example"],
    auditEventTypes.map((type) => {
      const wireType = auditWireTypes[type];
      const event = fixture(`audit/fixtures/${wireType}`) as { data: { reason: string } };
      return [code(wireType), event.data.reason];
    }),
  );

const example = (name: string): string =>
  ["```json", JSON.stringify(fixture(name), null, 2), "```"].join("\n");

const { resolve } = createRequire(import.meta.url);

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(resolve(`@rekey/contracts/fixtures/${name}.json`), "utf8"));
