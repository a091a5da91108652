import { counted, Fault, faultCodes } from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { SchemaState } from "@rekey/ledger";
import type { Log } from "@rekey/runtime";

interface SchemaParts {
  /** Absent where this process migrates by itself. */
  readonly schema?: () => Promise<SchemaState>;
}

/**
 * Before anything works. Throws LEDGER_SCHEMA_OLD where migrations of this build never ran; those of a newer build only
 * add, so beside them it goes on.
 */
export const requireSchema = async ({ schema }: SchemaParts, log: Log): Promise<void> => {
  const { missing, newer } = (await schema?.()) ?? { missing: [], newer: [] };
  if (missing.length > 0) {
    log.error("migrations of this build never ran", { reason: missing.join() });
    throw new Fault("LEDGER_SCHEMA_OLD");
  }
  if (newer.length > 0) log.info("a newer build has migrated the ledger", { reason: newer.join() });
};

/** The same for `doctor`; nothing where the ledger does not answer, which is said already. */
export const judgeSchema = async ({ schema }: SchemaParts): Promise<readonly DoctorCheck[]> => {
  if (schema === undefined) return [];
  try {
    return [judged(await schema())];
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

const judged = ({ missing, newer }: SchemaState): DoctorCheck => {
  const name = "ledger schema";
  const code = "LEDGER_SCHEMA_OLD";
  if (missing.length > 0) {
    const found = `${code}: ${counted(missing.length, "migration")} never ran: ${missing.join(", ")}`;
    return { name, ok: false, found, next: faultCodes[code].next };
  }
  if (newer.length === 0) return { name, ok: true, found: "as this build wants it" };
  return { name, ok: true, found: `newer than this build by ${newer.join(", ")}` };
};
