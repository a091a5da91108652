import type { ContractCase } from "@rekey/testkit";
import type { CaseState, RotationState } from "@rekey/domain";
import { expect } from "vitest";
import { admitOne, asked } from "./signals.suite.ts";
import { caseCommitOf, claimed, commitOf, must, openRotation } from "./turns.suite.ts";
import { issuer, ordersDb, person, prepare, type LedgerWorld } from "./world.suite.ts";

const halt = { code: "VERIFY_REFUSED", reason: "refused", nextSafeAction: "look" } as const;

/** What stands still is counted by why. */
export const standingCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "what stands still is counted by why: halted, waiting, shut, paused",
    run: async (world) => {
      await prepare(world);
      const { ledger } = world;
      const before = await ledger.standing();
      expect(before).toMatchObject({ rotationsHalted: 0, casesHalted: 0, gatesShut: [] });
      expect(before.pause).toEqual({ paused: false, all: false });
      await parkRotation(world, "payments-db", () => ({ at: "halted", halt }));
      await parkRotation(world, "orders-db", (until) => ({
        at: "waiting",
        for: "approval",
        until,
        reason: "the budget is used up",
      }));
      for (const ok of [false, false, false]) await ledger.reportGate({ issuer, ok, jitter: 0.5 });
      const pause = { paused: true, all: false, reason: "a drill" };
      await ledger.setPause({ pause, actor: person });
      const standing = await ledger.standing();
      expect(standing).toMatchObject({
        rotationsHalted: 1,
        rotationsWaiting: { approval: 1, consumers: 0, person: 0 },
        gatesShut: [issuer],
        pause: { paused: true, all: false },
      });
    },
  },
  {
    guarantee: "a case that waits, is halted or is closed is counted as what it is now",
    run: async (world) => {
      await prepare(world);
      const { case: id } = await admitOne(world, asked("orders-db"));
      const counts = async () => {
        const { casesHalted, casesWaiting } = await world.ledger.standing();
        return { halted: casesHalted, approval: casesWaiting.approval };
      };
      const put = async (stateAt: (until: number) => CaseState): Promise<void> => {
        const claim = must(await world.ledger.claimCase({ id: must(id), worker: "w" }));
        const state = stateAt(claim.now);
        must(
          await world.ledger.recordCase(
            claim.hold,
            caseCommitOf({ case: { ...claim.case, state, dueAt: claim.now } }),
          ),
        );
        await world.elapse(1);
      };
      await put((until) => ({ at: "waiting", for: "approval", until, reason: "proposed" }));
      expect(await counts()).toEqual({ halted: 0, approval: 1 });
      await put(() => ({ at: "halted", halt }));
      expect(await counts()).toEqual({ halted: 1, approval: 0 });
      await put(() => ({ at: "closed", outcome: "dismissed", reason: "a false alarm" }));
      expect(await counts()).toEqual({ halted: 0, approval: 0 });
      expect((await world.ledger.case(must(id)))?.items).toMatchObject([{ credential: ordersDb }]);
    },
  },
];

const parkRotation = async (
  world: LedgerWorld,
  credential: string,
  stateAt: (until: number) => RotationState,
): Promise<void> => {
  const claim = await claimed(world.ledger, await openRotation(world, credential));
  const until = claim.now + 900_000;
  const rotation = { ...claim.rotation, state: stateAt(until), dueAt: until };
  must(await world.ledger.recordRotation(claim.hold, commitOf({ rotation })));
};
