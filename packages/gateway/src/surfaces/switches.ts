import { apiRoutes } from "@rekey/contracts";
import {
  credentialId,
  isRefusal,
  issuerId,
  refuse,
  type ModeSetting,
  type Refusal,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { invalid } from "../server/refused.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.switches;

/** What scopes may do, and the pause. Only people turn these. */
export const switchesSurface: Surface = (serve, parts) => {
  const { ledger, onWork } = parts;
  serve(routes.modes, async () => await ledger.switches());
  serve(routes.setMode, async ({ body, actor }) => {
    const { reason, ...setting } = body;
    const refusal = await refusedSetting(parts, setting);
    if (isRefusal(refusal)) return refusal;
    await ledger.setMode({ setting, actor, reason });
    onWork();
    return await ledger.switches();
  });
  serve(routes.pause, async ({ body: { all, reason }, actor }) => {
    await ledger.setPause({ pause: { paused: true, all, reason }, actor });
    return await ledger.switches();
  });
  serve(routes.unpause, async ({ body: { reason }, actor }) => {
    await ledger.setPause({ pause: { paused: false, all: false, reason }, actor });
    onWork();
    return await ledger.switches();
  });
};

/** A switch for something that is not there would look as if it were set. */
const refusedSetting = async (
  { ledger, issuers }: GatewayParts,
  { scope, name }: ModeSetting,
): Promise<Refusal | undefined> => {
  const problem = nameProblem(scope, name);
  if (problem !== undefined)
    return invalid("the mode has no such scope", [{ path: "name", reason: problem }]);
  if (scope === "credential" && (await ledger.credential(credentialId(name))) === undefined)
    return refuse("NOT_FOUND", `there is no credential ${name}`);
  if (scope === "issuer" && !issuers.has(issuerId(name)))
    return refuse("NOT_FOUND", `there is no issuer ${name} in the configuration`);
  return undefined;
};

const nameProblem = (scope: ModeSetting["scope"], name: string): string | undefined => {
  if (scope === "everything") return name === "" ? undefined : "must be empty for everything";
  return /^[^\p{Cc}\p{Cs}]+$/u.test(name) ? undefined : `must name the ${scope}`;
};
