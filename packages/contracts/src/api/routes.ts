import { consumerRoutes } from "../consumer/consumer-routes.ts";
import type { ApiRoute } from "./route.ts";
import { caseRoutes } from "./routes/cases.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { healthRoutes } from "./routes/health.ts";
import { inventoryRoutes } from "./routes/inventory.ts";
import { reportRoutes } from "./routes/reports.ts";
import { auditRoutes, rotationRoutes } from "./routes/rotations.ts";
import { switchRoutes } from "./routes/switches.ts";

/** Every call of the gateway's API, by surface. */
export const apiRoutes = {
  health: healthRoutes,
  inventory: inventoryRoutes,
  credentials: credentialRoutes,
  reports: reportRoutes,
  cases: caseRoutes,
  rotations: rotationRoutes,
  audit: auditRoutes,
  switches: switchRoutes,
  consumers: consumerRoutes,
} as const;

/** All of them as `cases.show` → route. */
export const apiRouteList: readonly (readonly [name: string, route: ApiRoute])[] = Object.entries(
  apiRoutes,
).flatMap(([surface, routes]) =>
  Object.entries(routes as Record<string, ApiRoute>).map(
    ([name, route]) => [`${surface}.${name}`, route] as const,
  ),
);
