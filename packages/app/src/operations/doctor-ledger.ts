import { Fault, faultCodes, type Fingerprinter, type Ledger } from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import { judgePepper } from "../parts/pepper.ts";

type LedgerAnswer = Awaited<ReturnType<Ledger["check"]>>;

interface LedgerParts {
  readonly ledger: Ledger;
  readonly fingerprint?: Fingerprinter;
}

/** What the ledger says of itself and of the pepper, judged; nothing where it does not answer, which is said already. */
export const ledgerChecks = async (parts: LedgerParts): Promise<readonly DoctorCheck[]> => {
  try {
    return [...judgeLedger(await parts.ledger.check()), ...(await judgePepper(parts))];
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

/** Pure: whether what was committed stays, and whether the ledger may be older than the world. */
export const judgeLedger = (answer: LedgerAnswer): readonly DoctorCheck[] => {
  const { synchronous_commit: commit } = answer.server;
  return [judgePlace(answer), ...(typeof commit === "string" ? [judgeCommit(answer, commit)] : [])];
};

const judgePlace = ({ behind }: LedgerAnswer): DoctorCheck => {
  const name = "ledger and world";
  if (behind === undefined) return { name, ok: true, found: "nothing is newer than the ledger" };
  const code = "LEDGER_BEHIND_WORLD";
  return { name, ok: false, found: `${code}: ${behind}`, next: faultCodes[code].next };
};

/** With replicas a commit must be on one of them before it counts: a failover would take it back. */
const safeAlone: ReadonlySet<string> = new Set(["on", "remote_apply", "remote_write", "local"]);
const safeWithReplicas: ReadonlySet<string> = new Set(["on", "remote_apply"]);

const judgeCommit = ({ server }: LedgerAnswer, commit: string): DoctorCheck => {
  const name = "ledger durability";
  const standbys = server["synchronous_standby_names"] ?? "";
  const replicated = standbys !== "" || Number(server["replicas"] ?? 0) > 0;
  const found = `synchronous_commit ${commit}, ${replicated ? "with" : "no"} replicas`;
  if (!(replicated ? safeWithReplicas : safeAlone).has(commit))
    return {
      name,
      ok: false,
      found,
      next: "set synchronous_commit = on in PostgreSQL, then reload",
    };
  if (replicated && standbys === "")
    return {
      name,
      ok: false,
      found: `${found}, none of them synchronous`,
      next: "name one in synchronous_standby_names: a failover would take back what was committed",
    };
  return { name, ok: true, found };
};
