import type { ContractCase } from "@rekey/testkit";
import { issuerId, type BreakerRequest, type RotationClaim, type Signal } from "@rekey/domain";
import { expect } from "vitest";
import { admitOne, leakOf, received, requestOf } from "./signals.suite.ts";
import {
  caseCommitOf,
  claimed,
  commitOf,
  finish,
  must,
  openRotation,
  withVersion,
} from "./turns.suite.ts";
import { issuer, ordersDb, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

const schedule = (name: string): Partial<Signal> => ({
  kind: "schedule",
  effect: "rotate",
  locators: [{ scheme: "rekey", value: name }],
});

const question = (version: number, given: Partial<BreakerRequest> = {}): BreakerRequest => ({
  reservation: {
    scope: "production × pg-main",
    producer: "scanner",
    credential: paymentsDb,
    version,
    case: "one",
    kind: "containment",
  },
  limits: { killsMax: 2, containmentsMax: 1, windowMs: 3_600_000 },
  approvals: 0,
  confidence: "unknown",
  trustedFeed: false,
  producers: 1,
  ...given,
});

/** Budgets, gates and the clock. */
export const limitCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "the breaker counts one version in one case once, and holds what is over its budget",
    run: async (world) => {
      await prepare(world);
      const { hold } = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const reserve = async (version: number, given: Partial<BreakerRequest> = {}) =>
        await world.ledger.reserve(hold, question(version, given));
      expect(await reserve(1)).toEqual({ allowed: true, charged: "containments" });
      expect(await reserve(1)).toEqual({ allowed: true, charged: "containments" });
      expect(await reserve(2)).toMatchObject({ allowed: false });
      expect(await reserve(2, { producers: 2 })).toEqual({ allowed: true, charged: "kills" });
      expect(await reserve(3, { producers: 2 })).toEqual({ allowed: true, charged: "kills" });
      expect(await reserve(4, { producers: 2 })).toMatchObject({ allowed: false });
      expect(await reserve(4, { approvals: 2 })).toEqual({ allowed: true, charged: "approval" });
      await world.elapse(3_600_001);
      expect(await reserve(5)).toEqual({ allowed: true, charged: "containments" });
      await expect(
        world.ledger.reserve({ ...hold, fence: hold.fence + 1 }, question(6)),
      ).rejects.toMatchObject({
        code: "HOLD_LOST",
      });
    },
  },
  {
    guarantee: "many who ask the breaker at once never get more than the budget",
    run: async (world) => {
      await prepare(world);
      const { hold } = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const asks = Array.from({ length: 12 }, (_, version) =>
        world.ledger.reserve(hold, question(version, { producers: 2 })),
      );
      const allowed = (await Promise.all(asks)).filter((answer) => answer.allowed);
      expect(allowed).toHaveLength(3);
    },
  },
  {
    guarantee:
      "a provider's gate closes after failures, lets one call through, and wakes who waits when it opens",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      await waitAtGate(world, await claimed(world.ledger, id));
      const report = async (ok: boolean) =>
        await world.ledger.reportGate({ issuer, ok, jitter: 0.5 });
      for (const failures of [1, 2, 3]) expect(await report(false)).toMatchObject({ failures });
      expect(await world.ledger.gate({ issuer, contains: false })).toMatchObject({
        allowed: false,
        gate: { state: "closed" },
      });
      expect(await world.ledger.gate({ issuer: issuerId("other"), contains: false })).toMatchObject(
        { allowed: true },
      );
      await world.elapse(10_000);
      const asks = await Promise.all(
        Array.from({ length: 5 }, () => world.ledger.gate({ issuer, contains: false })),
      );
      expect(asks.filter(({ allowed }) => allowed)).toHaveLength(1);
      expect(await report(true)).toMatchObject({ state: "open", failures: 0 });
      await world.elapse(10_001);
      expect((await claimed(world.ledger, id)).gate.state).toBe("open");
    },
  },
  {
    guarantee: "a call that was let through and given back is the next one's, once",
    run: async (world) => {
      for (const _failure of [1, 2, 3])
        await world.ledger.reportGate({ issuer, ok: false, jitter: 0.5 });
      const ask = async () => await world.ledger.gate({ issuer, contains: false });
      await world.elapse(10_000);
      const { gate } = await ask();
      const askedAt = must(gate.askedAt);
      expect(await ask()).toMatchObject({ allowed: false });
      expect(await world.ledger.returnGate({ issuer, askedAt: askedAt - 1 })).toEqual(gate);
      expect(await world.ledger.returnGate({ issuer, askedAt })).toMatchObject({
        state: "closed",
        failures: 3,
      });
      await world.elapse(1);
      expect(await ask()).toMatchObject({ allowed: true, gate: { state: "half-open" } });
      expect(await world.ledger.returnGate({ issuer, askedAt })).toMatchObject({
        state: "half-open",
      });
    },
  },
  {
    guarantee: "a store has a gate of its own, and who waits for the store is woken when it opens",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const claim = await claimed(world.ledger, id);
      const { issuer: ofStore, ...gate } = must(claim.storeGate);
      expect(gate).toMatchObject({ state: "open", failures: 0 });
      expect(ofStore).not.toBe(claim.gate.issuer);
      await waitAtGate(world, claim);
      const report = async (ok: boolean) =>
        await world.ledger.reportGate({ issuer: ofStore, ok, jitter: 0.5 });
      for (const failures of [1, 2, 3]) expect(await report(false)).toMatchObject({ failures });
      expect(await world.ledger.gate({ issuer, contains: false })).toMatchObject({ allowed: true });
      expect(await report(true)).toMatchObject({ state: "open" });
      await world.elapse(10_001);
      const woken = await claimed(world.ledger, id);
      expect(must(woken.storeGate)).toMatchObject({ state: "open", failures: 0 });
    },
  },
  {
    guarantee:
      "a containment asks through a closed gate, and what the provider wished stays in force for the rest",
    run: async (world) => {
      await prepare(world);
      for (const retryAfterMs of [1_000, 600_000, 600_000])
        await world.ledger.reportGate({ issuer, ok: false, jitter: 0.5, retryAfterMs });
      const ask = async (contains: boolean) => await world.ledger.gate({ issuer, contains });
      for (const _twice of [1, 2]) {
        await world.elapse(60_000);
        expect(await ask(false)).toMatchObject({ allowed: false, gate: { state: "closed" } });
        expect(await ask(true)).toMatchObject({ allowed: true, gate: { state: "half-open" } });
        await world.ledger.reportGate({ issuer, ok: false, jitter: 0.5 });
      }
      await world.elapse(600_000);
      expect(await ask(false)).toMatchObject({ allowed: true });
    },
  },
  {
    guarantee: "a leak counts as uncontained, due or not, until its version was refused when tried",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await settleAll(world);
      expect((await world.ledger.backlog()).oldestUncontainedMs).toBe(undefined);
      const { urgent } = await admitOne(world, leakOf("payments-db#1"));
      const claim = must(await world.ledger.heldRotation(must(urgent)));
      await waitAtGate(world, claim);
      await world.elapse(5_000);
      expect((await world.ledger.backlog()).oldestUncontainedMs).toBeGreaterThanOrEqual(5_000);
      await world.elapse(900_000);
      const again = await claimed(world.ledger, claim.rotation.id);
      const refused = again.versions
        .filter(({ number }) => number === 1)
        .map((version) => ({ ...version, containedAt: again.now }));
      must(await world.ledger.recordRotation(again.hold, commitOf(again, { versions: refused })));
      expect((await world.ledger.backlog()).oldestUncontainedMs).toBe(undefined);
    },
  },
  {
    guarantee: "age alone makes a credential due, unless something renews it already",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      expect(await world.ledger.dueForSchedule(10)).toEqual([]);
      await world.elapse(86_400_001);
      expect(await world.ledger.dueForSchedule(10)).toEqual([]);
      await closeAll(world);
      const due = await world.ledger.dueForSchedule(10);
      expect(due).toMatchObject([{ credential: paymentsDb, version: 1, policy: "standard" }]);
      await world.ledger.admit(requestOf(received(schedule("payments-db"))));
      expect(await world.ledger.dueForSchedule(10)).toEqual([]);
    },
  },
  {
    guarantee: "the debt is listed until it is settled, oldest first",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await withVersion(world, "orders-db");
      await settleAll(world);
      await admitOne(world, leakOf("payments-db#1"));
      await admitOne(world, leakOf("orders-db#1"));
      await world.elapse(5_000);
      const debt = await world.ledger.debt({ limit: 10 });
      expect(debt.map((owed) => [owed.credential, owed.version])).toEqual([
        [paymentsDb, 1],
        [ordersDb, 1],
      ]);
      const page = await world.ledger.debt({ limit: 10, after: must(debt[0]).id });
      expect(page).toEqual([debt[1]]);
      const backlog = await world.ledger.backlog();
      expect(backlog).toMatchObject({ debtOpen: 2 });
      expect(backlog.oldestDebtMs).toBeGreaterThanOrEqual(5_000);
      expect(backlog.outboxUnsent).toBeGreaterThan(0);
      await settleAll(world);
      expect(await world.ledger.debt({ limit: 10 })).toEqual([]);
    },
  },
];

const waitAtGate = async ({ ledger }: LedgerWorld, claim: RotationClaim): Promise<void> => {
  const until = claim.now + 900_000;
  const state = { at: "waiting", for: "provider", until, reason: "closed" } as const;
  const rotation = { ...claim.rotation, state, dueAt: until };
  must(await ledger.recordRotation(claim.hold, commitOf({ rotation })));
};

const closeAll = async ({ ledger }: LedgerWorld): Promise<void> => {
  const state = { at: "closed", outcome: "rotated", reason: "done" } as const;
  for (const { id } of await ledger.cases({ limit: 50, open: true })) {
    const claim = must(await ledger.claimCase({ id, worker: "w" }));
    const closed = { ...claim.case, state, closedAt: claim.now };
    must(await ledger.recordCase(claim.hold, caseCommitOf({ case: closed })));
  }
};

/** Every open case settles what it owes. */
const settleAll = async ({ ledger }: LedgerWorld): Promise<void> => {
  for (const { id } of await ledger.cases({ limit: 50, open: true })) {
    const view = must(await ledger.case(id));
    const settled = (now: number) =>
      view.obligations.map((owed) => ({ ...owed, settledAt: now, settledBy: "observed" as const }));
    const rotation = view.rotations.find(({ state }) => state.at === "running");
    if (rotation !== undefined) await endRotation(ledger, rotation.id);
    const claim = must(await ledger.claimCase({ id, worker: "w" }));
    must(
      await ledger.recordCase(claim.hold, caseCommitOf(claim, { obligations: settled(claim.now) })),
    );
  }
};

const endRotation = async (
  ledger: LedgerWorld["ledger"],
  id: Parameters<typeof finish>[1],
): Promise<void> => {
  await ledger.endForeignHolds({ worker: "w" });
  await finish({ ledger, elapse: async () => {} }, id, () => []);
};
