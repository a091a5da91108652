import type { Ledger } from "@rekey/domain";
import { gate, reportGate, returnGate } from "../commands/gates.ts";
import { gateOf } from "../commands/views.ts";
import { look, transact, type Database } from "./database.ts";
import type { Selection } from "./load.ts";
import { lockKeys } from "./locks.ts";

const own: Selection = { gates: "t.issuer = $1" };
const waiting = `t.state = 'waiting' and t.wait_for = 'provider'
  and t.credential in (select c.id from rekey.credentials c
    where c.issuer_instance = $1 or 'store/' || (c.store ->> 'store') = $1)`;
const withWaiting: Selection = {
  ...own,
  rotations: waiting,
  credentials: `t.id in (select t.credential from rekey.rotations t where ${waiting})`,
};

/** An open gate that stays open is only read; every change is made under the gate's own lock. */
export const postgresGates = (
  database: Database,
): Pick<Ledger, "gate" | "reportGate" | "returnGate"> => ({
  gate: async (request) => {
    const { issuer } = request;
    const seen = gateOf(await look(database, own, [issuer]), issuer);
    if (seen.state === "open") return { allowed: true, gate: seen };
    return await transact(database, async (transaction) => {
      await lockKeys(transaction, [`gate/${issuer}`]);
      const draft = await transaction.draft(own, [issuer]);
      const answer = gate(draft, request);
      await transaction.write(draft);
      return answer;
    });
  },
  reportGate: async (report) => {
    const seen = gateOf(await look(database, own, [report.issuer]), report.issuer);
    if (report.ok && seen.state === "open" && seen.failures === 0) return seen;
    return await transact(database, async (transaction) => {
      await lockKeys(transaction, [`gate/${report.issuer}`]);
      const draft = await transaction.draft(report.ok ? withWaiting : own, [report.issuer]);
      const after = reportGate(draft, report);
      await transaction.write(draft);
      return after;
    });
  },
  returnGate: async (request) =>
    await transact(database, async (transaction) => {
      await lockKeys(transaction, [`gate/${request.issuer}`]);
      const draft = await transaction.draft(own, [request.issuer]);
      const after = returnGate(draft, request);
      await transaction.write(draft);
      return after;
    }),
});
