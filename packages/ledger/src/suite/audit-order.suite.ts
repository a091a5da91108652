import type { ContractCase } from "@rekey/testkit";
import { auditEventId, type AuditPage, type Ledger, type NumberedAuditEvent } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect } from "vitest";
import { admitOne, leakOf } from "./signals.suite.ts";
import { must, withVersion } from "./turns.suite.ts";
import { paymentsDb, person, prepare, type LedgerWorld } from "./world.suite.ts";

/** One audit event, told by its reason. */
const tell = async (ledger: Ledger, reason: string): Promise<void> => {
  await ledger.setMode({
    setting: { scope: "everything", name: "", mode: "act" },
    actor: person,
    reason,
  });
};

/** Pages on from `after` until nothing comes. */
export const readOn = async (
  ledger: Ledger,
  { after: start, ...about }: Omit<AuditPage, "limit"> = {},
): Promise<readonly NumberedAuditEvent[]> => {
  const read: NumberedAuditEvent[] = [];
  for (let after = start; ; after = must(read.at(-1)).position) {
    const page = { limit: 7, ...about, ...(after === undefined ? {} : { after }) };
    const events = await ledger.auditEvents(page);
    if (events.length === 0) return read;
    read.push(...events);
  }
};

export const positionsOf = (events: readonly NumberedAuditEvent[]): readonly number[] =>
  events.map(({ position }) => position);

const ticking = async (ledger: Ledger, names: readonly string[]): Promise<void> => {
  for (const name of names) await tell(ledger, name);
};

/** The order of the audit log: who follows it misses nothing. */
export const auditOrderCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "audit events stand in one order without a gap, whatever is asked of it",
    run: async (world) => {
      const { ledger } = world;
      await prepare(world);
      await withVersion(world, "payments-db");
      const { case: opened } = await admitOne(world, leakOf("payments-db#1"));
      const all = await readOn(ledger);
      expect(positionsOf(all)).toEqual(all.map((_, index) => index));
      const about = { case: must(opened) };
      expect(await readOn(ledger, about)).toEqual(all.filter((event) => event.case === about.case));
      expect(await readOn(ledger, { credential: paymentsDb, ...about })).toEqual(
        all.filter((event) => event.credential === paymentsDb && event.case === about.case),
      );
      for (const { id, position } of all) expect(await ledger.auditPosition(id)).toBe(position);
      expect(await ledger.auditPosition(auditEventId(newId()))).toBeUndefined();
      expect(await ledger.auditPosition(auditEventId("nothing"))).toBeUndefined();
      expect(await ledger.numberAuditEvents()).toBe(0);
    },
  },
  {
    guarantee: "who follows while others commit gets every event once, and none moves",
    run: async ({ ledger }) => {
      const writers = Array.from({ length: 4 }, (_, writer) =>
        Array.from({ length: 12 }, (__, turn) => `${writer}/${turn}`),
      );
      const open = new Set(writers);
      const committed = Promise.all(
        writers.map(async (names) => {
          await ticking(ledger, names);
          open.delete(names);
        }),
      );
      const followed: NumberedAuditEvent[] = [];
      for (let isLast = false; !isLast;) {
        isLast = open.size === 0;
        const last = followed.at(-1)?.position;
        followed.push(...(await readOn(ledger, last === undefined ? {} : { after: last })));
      }
      await committed;
      expect(followed).toEqual(await readOn(ledger));
      expect(new Set(followed.map(({ reason }) => reason))).toEqual(new Set(writers.flat()));
      for (const names of writers) {
        const own = followed.map(({ reason }) => reason).filter((name) => names.includes(name));
        expect(own).toEqual(names);
      }
    },
  },
  {
    guarantee: "a clock that stepped back takes no event from who follows",
    run: async ({ ledger, elapse }) => {
      await tell(ledger, "before");
      const [before] = await readOn(ledger);
      // What is recorded is a minute ahead of the clock from here on.
      await elapse(-60_000);
      await tell(ledger, "after");
      const [after] = await readOn(ledger, { after: must(before).position });
      expect(must(after)).toMatchObject({ reason: "after", position: 1 });
    },
  },
];
