import { rekeyLocatorScheme, type Actor, type Locator, type Signal } from "@rekey/domain";
import { secretLocators } from "@rekey/producers";
import type { apiRoutes } from "@rekey/contracts";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";
import { draftSignal } from "./draft-signal.ts";

type Report = z.output<typeof apiRoutes.reports.exposure.body>;

/** A secret, or a credential, may be known to others. The value becomes fingerprints and is dropped here. */
export const exposureSignal = (parts: GatewayParts, report: Report, actor: Actor): Signal => {
  const { found, reason, severity, confidence } = report;
  const { environment, evidenceUrl, occurredAt } = report;
  return draftSignal(parts, actor, {
    kind: "exposure",
    disposition: "act",
    effect: "expose",
    locators: locatorsOf(parts, found),
    public: report.public,
    severity,
    confidence,
    reason,
    ...(environment !== undefined && { environment }),
    ...(evidenceUrl !== undefined && { evidenceUrl: withoutQuery(evidenceUrl) }),
    ...(occurredAt !== undefined && { occurredAt }),
  });
};

const locatorsOf = ({ fingerprint }: GatewayParts, found: Report["found"]): readonly Locator[] => {
  switch (found.by) {
    case "secret":
      return secretLocators(found.secret, fingerprint);
    case "locator":
      return [found.locator];
    case "credential": {
      const version = found.version === undefined ? "" : `#${found.version}`;
      return [{ scheme: rekeyLocatorScheme, value: `${found.credential}${version}` }];
    }
  }
};

// Query, fragment and user may be a capability to read the evidence.
const withoutQuery = (text: string): string => {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
};
