import { contractSuite, type ContractCase } from "@rekey/testkit";
import { auditOrderCases } from "./suite/audit-order.suite.ts";
import { behindCases } from "./suite/behind.suite.ts";
import { caseCases } from "./suite/cases.suite.ts";
import { claimCases } from "./suite/claims.suite.ts";
import { consumerCases } from "./suite/consumers.suite.ts";
import { inventoryCases } from "./suite/inventory.suite.ts";
import { journalCases } from "./suite/journal.suite.ts";
import { publishedCases } from "./suite/published.suite.ts";
import { leakCases } from "./suite/leak.suite.ts";
import { parkedCases } from "./suite/parked.suite.ts";
import { limitCases } from "./suite/limits.suite.ts";
import { modeCases } from "./suite/modes.suite.ts";
import { pepperCases } from "./suite/peppers.suite.ts";
import { recordCases } from "./suite/records.suite.ts";
import { standingCases } from "./suite/standing.suite.ts";
import { stepCases } from "./suite/steps.suite.ts";
import { tickCases } from "./suite/ticks.suite.ts";
import { tellingCases } from "./suite/telling.suite.ts";
import type { MovableWorld } from "./suite/world.suite.ts";

const cases: readonly ContractCase<MovableWorld>[] = [
  ...inventoryCases,
  ...leakCases,
  ...parkedCases,
  ...claimCases,
  ...recordCases,
  ...stepCases,
  ...tellingCases,
  ...caseCases,
  ...modeCases,
  ...limitCases,
  ...standingCases,
  ...tickCases,
  ...behindCases,
  ...pepperCases,
  ...journalCases,
  ...auditOrderCases,
  ...publishedCases,
  ...consumerCases,
];

/** What every ledger promises, in PostgreSQL as in memory. */
export const ledgerSuite = contractSuite("ledger", cases);
