import { auditSurface } from "./audit.ts";
import { casesSurface } from "./cases.ts";
import { consumersSurface } from "./consumers.ts";
import { credentialsSurface } from "./credentials.ts";
import { healthSurface } from "./health.ts";
import { inventorySurface } from "./inventory.ts";
import { reportsSurface } from "./reports.ts";
import { rotationsSurface } from "./rotations.ts";
import type { Surface } from "./surface.ts";
import { switchesSurface } from "./switches.ts";

/** Every surface of the API, in the order of the contract's table. */
export const surfaces: readonly Surface[] = [
  healthSurface,
  inventorySurface,
  credentialsSurface,
  reportsSurface,
  casesSurface,
  rotationsSurface,
  auditSurface,
  switchesSurface,
  consumersSurface,
];
