import type { Ledger } from "@rekey/domain";
import { applyInventory, checkInventory } from "../commands/inventory.ts";
import {
  rejectedEventId,
  rejectedFeed,
  rejectInputs,
  setMode,
  setPause,
  wokenByModeMax,
} from "../commands/switches.ts";
import { pauseOf } from "../commands/views.ts";
import { look, transact, type Database } from "./database.ts";
import type { Selection } from "./load.ts";
import { lockCasesForWord, lockCredentialsUnder, lockKeys, lockRotationsForWord } from "./locks.ts";
import { rejectedBefore } from "./rejected.ts";
import { refreshSchedule } from "./schedule.ts";
import { lockWorld } from "./world.ts";

type Commands = Pick<
  Ledger,
  "checkInventory" | "applyInventory" | "setMode" | "setPause" | "switches" | "rejectInputs"
>;

const wholeInventory: Selection = {
  identities: "true",
  policies: "true",
  consumers: "true",
  credentials: "true",
  holds: "true",
  grants: "true",
};

/** What people declare and set. */
export const postgresInventory = (database: Database): Commands => ({
  checkInventory: async (inventory) =>
    checkInventory(await look(database, wholeInventory, []), inventory),
  applyInventory: (request) =>
    transact(database, async (transaction) => {
      await lockKeys(transaction, ["inventory"]);
      const draft = await transaction.draft(wholeInventory, []);
      const changes = applyInventory(draft, request);
      const policies = (draft.changes().puts.policies ?? []).map(({ name }) => name);
      await lockCredentialsUnder(transaction, policies);
      await transaction.write(draft);
      await refreshSchedule(transaction, undefined);
      return changes;
    }),
  setMode: (request) =>
    transact(database, async (transaction) => {
      const rotations = await lockRotationsForWord(transaction, wokenByModeMax);
      const cases = await lockCasesForWord(transaction, wokenByModeMax);
      const draft = await transaction.draft(
        {
          rotations: "t.id = any($1::uuid[])",
          holds: "t.id in (select credential from rekey.rotations where id = any($1::uuid[]))",
          cases: "t.id = any($2::uuid[])",
        },
        [rotations, cases],
      );
      setMode(draft, request);
      await transaction.write(draft);
    }),
  setPause: (request) =>
    transact(database, async (transaction) => {
      const identity = await lockWorld(transaction);
      const draft = await transaction.draft({ world: "true" }, []);
      setPause(draft, request, identity);
      await transaction.write(draft);
    }),
  switches: async () => {
    const draft = await look(database, { modes: "true", pause: "true" }, []);
    return { modes: draft.rows("modes"), pause: pauseOf(draft) };
  },
  rejectInputs: (inputs) =>
    transact(database, async (transaction) => {
      const eventIds = inputs.map(rejectedEventId);
      await lockKeys(transaction, eventIds);
      const sources = inputs.map(({ source }) => source);
      const keys = [sources, rejectedFeed, eventIds];
      const draft = await transaction.draft({ signals: rejectedBefore }, keys);
      rejectInputs(draft, inputs);
      await transaction.write(draft);
    }),
});
