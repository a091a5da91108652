import { configReference, serviceConfigReference } from "@rekey/app";
import {
  caseTransitions,
  faultCodes,
  rotationTransitions,
  versionLifeTransitions,
  watchTransitions,
} from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import { storeCatalog } from "@rekey/stores";
import { capabilityMatrix } from "./capability-matrix.ts";
import { configurationTable } from "./configuration-table.ts";
import { eventSections } from "./event-sections.ts";
import { faultTable } from "./fault-table.ts";
import { page } from "./markdown.ts";
import { stateDiagram } from "./state-diagram.ts";

export type Page = { readonly file: string; readonly text: string };

const capabilityPage = (): string =>
  page("Capabilities", [
    "## Issuers",
    capabilityMatrix(issuerCatalog),
    "## Stores",
    capabilityMatrix(storeCatalog),
  ]);

/** Two schemas: where everything runs in one process, and where services share one file. */
const configurationPage = (): string =>
  page("Configuration", [
    "## rekey up",
    configurationTable(configReference()),
    "## Services",
    configurationTable(serviceConfigReference()),
  ]);

const eventPage = (): string => page("Events", eventSections());

const faultPage = (): string => page("Fault codes", [faultTable(faultCodes)]);

const statePage = (): string =>
  page("States", [
    "## Case",
    stateDiagram(caseTransitions),
    "## Rotation",
    stateDiagram(rotationTransitions),
    "## Watch",
    stateDiagram(watchTransitions),
    "## Life of a version",
    stateDiagram(versionLifeTransitions),
  ]);

/** Every page of docs/reference, rendered from the code as it stands. */
export const pages = (): readonly Page[] => [
  { file: "capabilities.md", text: capabilityPage() },
  { file: "configuration.md", text: configurationPage() },
  { file: "events.md", text: eventPage() },
  { file: "fault-codes.md", text: faultPage() },
  { file: "states.md", text: statePage() },
];
