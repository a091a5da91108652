import type { Actor } from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { publishSignals } from "../reports/publish.ts";
import { rotateSignal } from "../reports/rotate.ts";
import { controlIdOf } from "./controls.ts";

/** Asks for the first version of each control credential that has none. Asking twice joins one case. */
export const mintControls = async (parts: GatewayParts, actor: Actor): Promise<void> => {
  const views = await Promise.all(
    parts.controls.map(({ issuer }) => parts.ledger.credential(controlIdOf(issuer))),
  );
  const signals = views.flatMap((view) => {
    if (view === undefined || view.versions.length > 0 || view.active !== undefined) return [];
    const reason = "the first version of a control credential";
    const wish = { credential: view.credential.id, wanted: "successor", reason, actor } as const;
    return [rotateSignal(parts, wish)];
  });
  if (signals.length > 0) await publishSignals(parts, signals);
};
