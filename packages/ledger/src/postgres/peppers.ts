import type { Ledger } from "@rekey/domain";
import { keepPepper, keptPeppers } from "../commands/peppers.ts";
import { look, transact, type Database } from "./database.ts";
import { lockKeys } from "./locks.ts";

const all = { peppers: "true" };

/** Looked at by every process that starts, written once for each pepper. */
export const postgresPeppers = (database: Database): Pick<Ledger, "keepPepper" | "peppers"> => ({
  keepPepper: async (check) => {
    const seen = keptPeppers(await look(database, all, []));
    if (seen.some(({ scheme }) => scheme === check.scheme)) return seen;
    return await transact(database, async (transaction) => {
      await lockKeys(transaction, ["peppers"]);
      const draft = await transaction.draft(all, []);
      const kept = keepPepper(draft, check);
      await transaction.write(draft);
      return kept;
    });
  },
  peppers: async () => keptPeppers(await look(database, all, [])),
});
