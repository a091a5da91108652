import { apiRoutes } from "@rekey/contracts";
import type { CheckReport } from "@rekey/runtime";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.health;

/** Liveness, readiness, and one real request to every part. */
export const healthSurface: Surface = (serve, { health, doctor }) => {
  serve(routes.live, async () => ({ live: true as const }));
  serve(
    routes.ready,
    async () => {
      const { ok, checks } = await health.report("ready");
      return { ready: ok, checks: checks.map(checkOf) };
    },
    { status: ({ ready }) => (ready ? 200 : 503) },
  );
  serve(routes.doctor, async () => {
    const checks = await doctor();
    return { ok: checks.every(({ ok }) => ok), checks };
  });
};

const checkOf = ({ name, ok, details }: CheckReport) => {
  const figures = Object.entries(details).filter(([, figure]) => figure !== undefined);
  const found = figures.map(([figure, value]) => `${figure} ${value}`).join(", ");
  return { name, ok, found: found === "" ? (ok ? "well" : "does not answer") : found };
};
