import type { ContractCase } from "@rekey/testkit";
import { consumerId, identityId, type CaseId, type Signal } from "@rekey/domain";
import { expect } from "vitest";
import { admitOne, asked, received } from "./signals.suite.ts";
import {
  caseCommitOf,
  claimed,
  finish,
  must,
  openIn,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import { credential, ordersDb, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

const offboarding = (scheme: string, value: string): Partial<Signal> => ({
  kind: "offboarding",
  effect: "end",
  subject: { type: "partner", ids: [{ scheme, value }] },
});

const lifecycle = (effect: "advance" | "retire", service: string): Partial<Signal> => ({
  kind: "lifecycle",
  effect,
  environment: "production",
  subject: { type: "service", ids: [{ scheme: "service", value: service }] },
});

const schedule = (name: string): Partial<Signal> => ({
  kind: "schedule",
  effect: "rotate",
  locators: [{ scheme: "rekey", value: name }],
});

/** One cause, one case; and what a case may set going. */
export const caseCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee:
      "an opening for a credential with an active rotation joins it, without taking it from its worker",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const first = await openRotation(world, "payments-db");
      const working = await claimed(world.ledger, first);
      const { case: id } = await admitOne(world, received(schedule("payments-db")));
      expect(await openIn(world, must(id))).toBe(first);
      const fresh = must(await world.ledger.freshInputs(working.hold));
      expect(fresh.inputs).toMatchObject([
        { input: { type: "escalate", escalation: { wanted: "successor" } } },
      ]);
      expect(await world.ledger.renew(working.hold)).toBe(true);
    },
  },
  {
    guarantee: "an end without successor pre-empts the worker",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const working = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const { case: id } = await admitOne(world, received(schedule("payments-db")));
      await openIn(world, must(id), { wanted: "none" });
      expect(await world.ledger.renew(working.hold)).toBe(false);
    },
  },
  {
    guarantee: "a case that closed is followed by the next episode, with its own number",
    run: async (world) => {
      await prepare(world);
      const { case: first } = await admitOne(world, asked("payments-db"));
      const claim = must(await world.ledger.claimCase({ id: must(first), worker: "w" }));
      const state = { at: "closed", outcome: "rotated", reason: "done" } as const;
      const commit = caseCommitOf({ case: { ...claim.case, state, closedAt: claim.now } });
      must(await world.ledger.recordCase(claim.hold, commit));
      const second = await admitOne(world, asked("payments-db"));
      expect(second).toMatchObject({ outcome: "opened" });
      expect(must(await world.ledger.case(must(second.case))).case.episode).toBe(2);
      expect(must(await world.ledger.case(must(first))).case).toEqual(commit.case);
      const open = await world.ledger.cases({ limit: 10, open: true });
      expect(open.map(({ id }) => id)).toEqual([second.case]);
      const all = await world.ledger.cases({ limit: 1 });
      expect(all.map(({ id }) => id)).toEqual([second.case]);
      const rest = await world.ledger.cases({ limit: 5, after: must(second.case) });
      expect(rest.map(({ id }) => id)).toEqual([first]);
    },
  },
  {
    guarantee:
      "a credential that joins a case pre-empts its holder; signals are counted for those who held on",
    run: async (world) => {
      await prepare(world);
      const { case: id } = await admitOne(world, received(schedule("payments-db")));
      const holder = must(await world.ledger.claimCase({ id: must(id), worker: "w" }));
      await admitOne(world, received(schedule("payments-db")));
      must(await world.ledger.recordCase(holder.hold, caseCommitOf(holder, { release: false })));
      expect(must(await world.ledger.case(must(id))).case.signals).toBe(2);
      expect((await admitOne(world, received(schedule("orders-db")))).case).toBe(id);
      expect(await world.ledger.recordCase(holder.hold, caseCommitOf(holder))).toBeUndefined();
      const next = must(await world.ledger.claimCase({ id: must(id), worker: "w" }));
      expect(next.items.map((item) => item.credential)).toEqual([ordersDb, paymentsDb]);
      expect(next.case.signals).toBe(3);
    },
  },
  {
    guarantee:
      "a wish that joins its case after the rotation there has ended is asked for again; no wish is lost in it, and both are shown",
    run: async (world) => {
      await prepare(world);
      const { case: id } = await admitOne(world, asked("payments-db"));
      const first = await openIn(world, must(id));
      expect(await admitOne(world, asked("payments-db"))).toMatchObject({ case: id });
      expect(must(await world.ledger.case(must(id))).items).toMatchObject([{ rotation: first }]);
      await finish(world, first, ({ rotation, now }) => [versionOf(rotation, { mintedAt: now })]);
      const holder = must(await world.ledger.claimCase({ id: must(id), worker: "w" }));
      expect(await admitOne(world, asked("payments-db"))).toMatchObject({
        outcome: "joined",
        case: id,
      });
      expect(await world.ledger.recordCase(holder.hold, caseCommitOf(holder))).toBeUndefined();
      const second = await openIn(world, must(id));
      expect(second).not.toBe(first);
      const { items, rotations } = must(await world.ledger.case(must(id)));
      expect(items).toMatchObject([{ rotation: second }]);
      expect(rotations.map((rotation) => rotation.id)).toEqual([first, second]);
      await endItems(world, must(id));
      await admitOne(world, asked("payments-db"));
      expect(must(await world.ledger.case(must(id))).items).toEqual([
        { credential: paymentsDb, wanted: "successor", wave: 0 },
      ]);
    },
  },
  {
    guarantee:
      "a campaign that stays open for others keeps no credential that it renewed from its next age",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db", { label: "current" });
      const [open] = await world.ledger.cases({ limit: 1, open: true });
      await world.elapse(86_400_001);
      expect(await world.ledger.dueForSchedule(10)).toEqual([]);
      await endItems(world, must(open).id);
      expect(await world.ledger.dueForSchedule(10)).toMatchObject([{ credential: paymentsDb }]);
      await admitOne(world, received(schedule("payments-db")));
      expect(await world.ledger.dueForSchedule(10)).toEqual([]);
    },
  },
  {
    guarantee:
      "a leaver is known by an alias of any feed, or by the inventory's own name; a stranger is refused",
    run: async (world) => {
      await prepare(world);
      const first = await admitOne(world, received(offboarding("scim", "acme-17")));
      const view = must(await world.ledger.case(must(first.case)));
      expect(view.case).toMatchObject({ kind: "offboarding", identity: "partner-acme" });
      expect(view.obligations).toMatchObject([{ owner: "partner-acme" }]);
      const second = await admitOne(world, received(offboarding("externalId", "partner-acme")));
      expect(second).toMatchObject({ outcome: "joined", case: first.case });
      const stranger = await admitOne(world, received(offboarding("scim", "nobody")));
      expect(stranger.outcome).toBe("refused");
    },
  },
  {
    guarantee: "a deployment wakes the rotations of what the service uses, and is remembered",
    run: async (world) => {
      await prepare(world);
      const used = await openRotation(world, "payments-db");
      const other = await openRotation(world, "orders-db");
      const deployed = received(lifecycle("advance", "payments"));
      expect((await admitOne(world, deployed)).outcome).toBe("noted");
      const claim = await claimed(world.ledger, used);
      expect(claim.inputs).toMatchObject([{ input: { type: "woken" } }]);
      expect(claim.consumers).toMatchObject([{ deployedAt: deployed.signal.occurredAt }]);
      expect((await claimed(world.ledger, other)).inputs).toEqual([]);
    },
  },
  {
    guarantee:
      "a case's scope is found in id order after its cursor, with who else uses what is in it",
    run: async (world) => {
      const both = [consumerId("orders-api"), consumerId("payments-api")];
      const ends = { endsWith: "deployment" } as const;
      const credentials = [
        credential("a-db", { ...ends, consumers: both }),
        credential("b-db", { identity: identityId("partner-acme") }),
        credential("c-db", ends),
      ];
      await prepare(world, { credentials });
      const service = { service: "payments", environment: "production", limit: 5 };
      const found = await world.ledger.scope(service);
      expect(found.map((scoped) => [scoped.credential.id, scoped.otherConsumers])).toEqual([
        ["a-db", ["orders-api"]],
        ["c-db", []],
      ]);
      expect((await world.ledger.scope({ ...service, after: "a-db" })).length).toBe(1);
      const own = await world.ledger.scope({ identity: identityId("partner-acme"), limit: 5 });
      expect(own.map((scoped) => scoped.credential.id)).toEqual(["b-db"]);
    },
  },
];

/** The case notes that what it asked for was done, and stays open. */
const endItems = async ({ ledger }: LedgerWorld, id: CaseId): Promise<void> => {
  const claim = must(await ledger.claimCase({ id, worker: "w" }));
  const items = claim.items.map((item) => ({ ...item, outcome: "ended" as const }));
  must(await ledger.recordCase(claim.hold, caseCommitOf(claim, { items })));
};
