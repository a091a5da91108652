import type { apiRoutes } from "@rekey/contracts";
import { rekeyLocatorScheme, type Actor, type Signal } from "@rekey/domain";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";
import { draftSignal } from "./draft-signal.ts";

type Deployment = z.output<typeof apiRoutes.reports.deployment.body>;
type Offboarding = z.output<typeof apiRoutes.reports.offboarding.body>;

/** A service was deployed, rolled back or removed, or a job ended. */
export const deploymentSignal = (
  parts: GatewayParts,
  { service, environment, effect, credential, version, correlation, occurredAt }: Deployment,
  actor: Actor,
): Signal =>
  draftSignal(parts, actor, {
    kind: "lifecycle",
    disposition: "act",
    effect,
    subject: { type: "service", ids: [{ scheme: "service", value: service }] },
    environment,
    locators:
      credential === undefined
        ? []
        : [
            {
              scheme: rekeyLocatorScheme,
              value: version === undefined ? credential : `${credential}#${version}`,
            },
          ],
    ...(correlation !== undefined && { correlation }),
    ...(occurredAt !== undefined && { occurredAt }),
  });

/** A person, partner, service or agent leaves. */
export const offboardingSignal = (
  parts: GatewayParts,
  { subject, effect, reason, effectiveAt, confidentiality }: Offboarding,
  actor: Actor,
): Signal =>
  draftSignal(parts, actor, {
    kind: "offboarding",
    disposition: "act",
    effect,
    subject,
    reason,
    confidentiality,
    ...(effectiveAt !== undefined && { effectiveAt }),
  });
