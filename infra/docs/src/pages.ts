import * as app from "@rekey/app";
import * as domain from "@rekey/domain";
import * as issuers from "@rekey/issuers";
import * as stores from "@rekey/stores";
import { capabilityMatrix, type CatalogOfCapabilities } from "./capability-matrix.ts";
import { configurationTable, type Setting } from "./configuration-table.ts";
import { faultTable, type FaultRules } from "./fault-table.ts";
import { page } from "./markdown.ts";
import { stateDiagram, type TransitionTable } from "./state-diagram.ts";

export type Page = { readonly file: string; readonly text: string };

const exported = (room: object, name: string): unknown => (room as Record<string, unknown>)[name];

const diagrams = [
  ["Case", "caseTransitions"],
  ["Rotation", "rotationTransitions"],
  ["Watch", "watchTransitions"],
  ["Life of a version", "versionLifeTransitions"],
] as const;

const statePage = (): string =>
  page(
    "States",
    diagrams.flatMap(([title, name]) => {
      const transitions = exported(domain, name);
      if (transitions === undefined) return [];
      return [`## ${title}`, stateDiagram(transitions as TransitionTable)];
    }),
  );

const faultPage = (): string =>
  page("Fault codes", [faultTable(exported(domain, "faultCodes") as FaultRules)]);

const capabilityPage = (): string =>
  page("Capabilities", [
    "## Issuers",
    capabilityMatrix((exported(issuers, "issuerCatalog") ?? {}) as CatalogOfCapabilities),
    "## Stores",
    capabilityMatrix((exported(stores, "storeCatalog") ?? {}) as CatalogOfCapabilities),
  ]);

const configurationPage = (): string =>
  page("Configuration", [
    configurationTable((exported(app, "configReference") ?? []) as readonly Setting[]),
  ]);

/** Every page of docs/reference, rendered from the code as it stands. */
export const pages = (): readonly Page[] => [
  { file: "capabilities.md", text: capabilityPage() },
  { file: "configuration.md", text: configurationPage() },
  { file: "fault-codes.md", text: faultPage() },
  { file: "states.md", text: statePage() },
];
