import {
  rekeyLocatorScheme,
  type Actor,
  type Locator,
  type Refusal,
  type Signal,
} from "@rekey/domain";
import { repeatsValue, secretLocators } from "@rekey/producers";
import type { apiRoutes } from "@rekey/contracts";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";
import { invalid } from "../server/refused.ts";
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
    ...(evidenceUrl !== undefined && { evidenceUrl }),
    ...(occurredAt !== undefined && { occurredAt }),
  });
};

/** The texts of a report are stored and published: none of them may hold the value that is reported. */
export const repeatedValue = (report: Report): Refusal | undefined => {
  const { found, reason, environment = "", evidenceUrl = "" } = report;
  if (found.by !== "secret") return undefined;
  const paths = Object.entries({ reason, environment, evidenceUrl })
    .filter(([, text]) => repeatsValue(text, found.secret))
    .map(([path]) => path);
  if (paths.length === 0) return undefined;
  return invalid(
    "the report repeats the secret",
    paths.map((path) => ({ path, reason: "holds the reported value: say where it was seen" })),
  );
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
