import { fixedSource } from "@rekey/runtime";
import { ledgerSuite } from "../ledger.suite.ts";
import type { MovableWorld } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn } from "./database.suite.ts";
import { grantedRole } from "./granted-role.suite.ts";

ledgerSuite({
  name: "PostgreSQL",
  open: async () => {
    const database = await freshLedger();
    // As production does: the role of the services owns nothing and may change no audit row.
    const role = await grantedRole(database);
    const ledger = await openOn(database, { max: 8, connection: fixedSource(role.url) });
    const elapse = (milliseconds: number): Promise<void> => elapseIn(database, milliseconds);
    // What a restored dump or a promoted standby finds: its own identity is not the one that was kept.
    const move: MovableWorld["move"] = async (to) => {
      const other = to === "another-system" ? "system = '1'" : "timeline = timeline + 1";
      await ask(database, `update rekey.world set ${other}`);
    };
    const close = async (): Promise<void> => {
      await ledger.close();
      await role.drop();
      await database.drop();
    };
    return { subject: { ledger, elapse, move }, close };
  },
});
