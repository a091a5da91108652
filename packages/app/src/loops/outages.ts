import type { Clock, FaultCode } from "@rekey/domain";
import { createOutage, type Log, type Outage } from "@rekey/runtime";

/** What any loop may meet any day, and what passes: said once for all loops of a process. */
const partOf = {
  LEDGER_UNREACHABLE: "ledger",
  TOPICS_UNREACHABLE: "topics",
  JOBS_UNREACHABLE: "jobs",
} as const satisfies { readonly [Code in FaultCode]?: string };

export type Outages = { readonly [Code in keyof typeof partOf]: Outage };

export const createOutages = (options: { readonly clock: Clock; readonly log: Log }): Outages => {
  const of = (code: keyof Outages): Outage => createOutage({ ...options, part: partOf[code] });
  return {
    LEDGER_UNREACHABLE: of("LEDGER_UNREACHABLE"),
    TOPICS_UNREACHABLE: of("TOPICS_UNREACHABLE"),
    JOBS_UNREACHABLE: of("JOBS_UNREACHABLE"),
  };
};
