import { contractSuite, type ContractCase } from "@rekey/testkit";
import { leakCases } from "./suite/leak.suite.ts";
import type { LedgerWorld } from "./suite/world.suite.ts";

const cases: readonly ContractCase<LedgerWorld>[] = [...leakCases];

/** What every ledger promises, in PostgreSQL as in memory. */
export const ledgerSuite = contractSuite("ledger", cases);
