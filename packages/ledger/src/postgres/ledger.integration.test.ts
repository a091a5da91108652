import { ledgerSuite } from "../ledger.suite.ts";
import { elapseIn, freshLedger, openOn } from "./database.suite.ts";

ledgerSuite({
  name: "PostgreSQL",
  open: async () => {
    const database = await freshLedger();
    const ledger = await openOn(database, { max: 8 });
    const elapse = (milliseconds: number): Promise<void> => elapseIn(database, milliseconds);
    const close = async (): Promise<void> => {
      await ledger.close();
      await database.drop();
    };
    return { subject: { ledger, elapse }, close };
  },
});
