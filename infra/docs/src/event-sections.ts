import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  auditWireTypes,
  quarantinedType,
  signalJsonSchema,
  signalTypes,
  type SignalType,
} from "@rekey/contracts";
import { auditEventTypes } from "@rekey/domain";
import { code, table } from "./markdown.ts";

/** Every published event: signals with their fields and an example, audit events, quarantined inputs. */
export const eventSections = (): readonly string[] => [
  "## Signals in",
  ...signalTypes.flatMap(signalSection),
  "## Audit events out",
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
