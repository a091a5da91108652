import type { Ledger, LedgerIdentity } from "@rekey/domain";
import { behindOf, compareIdentity, isWhereItWas, reportBehind } from "../commands/world.ts";
import { look, statement, transact, type Database, type Transaction } from "./database.ts";
import { lockKeys } from "./locks.ts";

const identityText = `
  select s.system_identifier::text as system, c.timeline_id as timeline
    from pg_control_system() s, pg_control_checkpoint() c`;

const unknown: LedgerIdentity = { system: "", timeline: 0 };

/** Where this PostgreSQL says that it is: two reads of its control file. */
const identityOf = async (database: Pick<Database, "pool">): Promise<LedgerIdentity> => {
  const [row] = await statement<LedgerIdentity>(database, identityText, []);
  return row ?? unknown;
};

/** Whoever changes what is known of the ledger's place meets here; answers where it is. */
export const lockWorld = async (transaction: Transaction): Promise<LedgerIdentity> => {
  await lockKeys(transaction, ["world"]);
  const { rows } = await transaction.client.query<LedgerIdentity>(identityText);
  return rows[0] ?? unknown;
};

/** Looked at with every tick, written only when something is new. */
export const postgresWorld = (
  database: Database,
): Pick<Ledger, "compareIdentity" | "reportBehind"> => ({
  compareIdentity: async () => {
    const seen = await look(database, { world: "true" }, []);
    if (isWhereItWas(seen, await identityOf(database))) return behindOf(seen);
    return await transact(database, async (transaction) => {
      const identity = await lockWorld(transaction);
      const draft = await transaction.draft({ world: "true" }, []);
      const answer = compareIdentity(draft, identity);
      await transaction.write(draft);
      return answer;
    });
  },
  reportBehind: (report) =>
    transact(database, async (transaction) => {
      await lockWorld(transaction);
      const draft = await transaction.draft({ world: "true" }, []);
      reportBehind(draft, report);
      await transaction.write(draft);
    }),
});
