import type { ContractCase } from "@rekey/testkit";
import { consumerId, day, hour, minute, second, statementHeardForMs } from "@rekey/domain";
import { expect } from "vitest";
import { claimed, commitOf, must, openRotation, versionOf, withVersion } from "./turns.suite.ts";
import { ordersDb, paymentsApi, paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

/** Records the rotation's new version, and leaves the rotation to the next claim. */
const withSuccessor = async (
  { ledger }: LedgerWorld,
  id: Parameters<typeof claimed>[1],
): Promise<void> => {
  const claim = await claimed(ledger, id);
  const next = versionOf(claim.rotation, { number: 2, label: "pending" });
  must(await ledger.recordRotation(claim.hold, commitOf(claim, { versions: [next] })));
};

/** What consumers tell. */
export const consumerCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "an acknowledgement that counts reaches the rotation, once per token",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const said = {
        consumer: paymentsApi,
        credential: paymentsDb,
        instance: "pod-1",
        version: 1,
        sequence: 1,
      };
      expect(await world.ledger.sight({ ...said, counted: true, tokenId: "t1" })).toBeUndefined();
      expect(await world.ledger.sight({ ...said, counted: true, tokenId: "t1" })).toMatchObject({
        refused: "ALREADY_DONE",
      });
      const claim = await claimed(world.ledger, id);
      expect(claim.inputs.map(({ input }) => input)).toEqual([
        { type: "moved", consumer: paymentsApi },
      ]);
      const [seen] = must(claim.consumers[0]).instances;
      expect(seen).toMatchObject({ instance: "pod-1", version: 1, counted: true });
      expect(seen?.acknowledgedAt).toBe(seen?.lastSeenAt);
    },
  },
  {
    guarantee: "a token is forgotten when nothing accepts its statement any more, and not before",
    run: async (world) => {
      await prepare(world);
      const { ledger, elapse } = world;
      const said = { consumer: paymentsApi, instance: "pod-1", counted: true };
      await ledger.sight({ ...said, tokenId: "old" });
      await elapse(day);
      await ledger.sight({ ...said, tokenId: "later" });
      // The machine's own time passes too.
      await elapse(statementHeardForMs - minute);
      expect(await ledger.forgetTokens()).toBe(0);
      const again = { refused: "ALREADY_DONE" };
      expect(await ledger.sight({ ...said, tokenId: "old" })).toMatchObject(again);
      await elapse(2 * minute);
      expect(await ledger.forgetTokens()).toBe(1);
      expect(await ledger.sight({ ...said, tokenId: "later" })).toMatchObject(again);
      expect(await ledger.sight({ ...said, tokenId: "old" })).toBeUndefined();
      expect(await ledger.forgetTokens()).toBe(0);
    },
  },
  {
    guarantee:
      "an instance that is heard of no more is forgotten with what it said, one that is heard of is not",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { ledger, elapse } = world;
      const of = { consumer: paymentsApi, counted: true };
      const said = { ...of, credential: paymentsDb, version: 1, sequence: 1 };
      for (const instance of ["gone", "stays"]) await ledger.sight({ ...said, instance });
      await ledger.sight({ ...of, instance: "silent" });
      await elapse(day);
      await ledger.sight({ ...of, instance: "stays" });
      await elapse(hour);
      expect(await ledger.forgetInstances({ idleMs: 2 * day })).toEqual({ forgotten: 0 });
      const behind = { consumer: paymentsApi, instance: "gone" };
      const after = await ledger.forgetInstances({ idleMs: day, after: behind });
      expect(after).toEqual({ forgotten: 1 });
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 2 });
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 0 });
      const claim = await claimed(ledger, await openRotation(world, "payments-db"));
      const known = must(claim.consumers[0]).instances;
      expect(known).toMatchObject([{ instance: "stays", version: 1, counted: true }]);
    },
  },
  {
    guarantee: "while a credential is rotated its consumers' instances are not forgotten",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { ledger, elapse } = world;
      const id = await openRotation(world, "payments-db");
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      await ledger.sight({ ...said, version: 1, sequence: 1, counted: true });
      await elapse(2 * day);
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 0 });
      const claim = await claimed(ledger, id);
      expect(must(claim.consumers[0]).instances).toMatchObject([{ instance: "pod-1", version: 1 }]);
      const state = { at: "completed" } as const;
      const over = { ...claim.rotation, state, endedAt: claim.now };
      must(await ledger.recordRotation(claim.hold, commitOf(claim, { rotation: over })));
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 2 });
    },
  },
  {
    guarantee: "a rotation that is halted and began longer ago than that keeps no instance",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { ledger, elapse } = world;
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      await ledger.sight({ ...said, version: 1, sequence: 1, counted: true });
      await elapse(2 * day);
      const claim = await claimed(ledger, await openRotation(world, "payments-db"));
      const halt = { code: "VERIFY_REFUSED", reason: "refused", nextSafeAction: "look" } as const;
      const state = { at: "halted", halt } as const;
      const halted = { ...claim.rotation, state, dueAt: claim.now + minute };
      must(await ledger.recordRotation(claim.hold, commitOf(claim, { rotation: halted })));
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 0 });
      await elapse(day + minute);
      expect(await ledger.forgetInstances({ idleMs: day })).toEqual({ forgotten: 2 });
    },
  },
  {
    guarantee: "what is unsigned or older never takes back what was signed",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      await withSuccessor(world, id);
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      await world.ledger.sight({ ...said, version: 2, sequence: 2, counted: true });
      await world.ledger.sight({ ...said, version: 1, sequence: 1, counted: true });
      await world.ledger.sight({ ...said, version: 1, sequence: 3, counted: false });
      await world.ledger.sight({ consumer: paymentsApi, instance: "pod-2", counted: false });
      const claim = await claimed(world.ledger, id);
      expect(must(claim.consumers[0]).instances).toMatchObject([
        { instance: "pod-1", version: 2, counted: true },
        { instance: "pod-2", counted: false },
      ]);
      expect(claim.inputs).toHaveLength(1);
    },
  },
  {
    guarantee: "a number that nobody signed does not keep out what is signed later",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1", version: 1 };
      await world.ledger.sight({ ...said, sequence: Number.MAX_SAFE_INTEGER, counted: false });
      await world.ledger.sight({ ...said, sequence: 1, counted: true });
      const claim = await claimed(world.ledger, id);
      expect(must(claim.consumers[0]).instances[0]).toMatchObject({ version: 1, counted: true });
      expect(claim.inputs).toHaveLength(1);
    },
  },
  {
    guarantee:
      "an acknowledgement of a version that is not known is refused and noted, and never counts",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const said = { consumer: paymentsApi, credential: paymentsDb, instance: "pod-1" };
      const ahead = { ...said, version: 99, counted: true, tokenId: "t1" };
      expect(await world.ledger.sight(ahead)).toMatchObject({ refused: "NOT_FOUND" });
      expect(await world.ledger.sight(ahead)).toMatchObject({ refused: "ALREADY_DONE" });
      await withSuccessor(world, id);
      const claim = await claimed(world.ledger, id);
      const [seen, ...others] = must(claim.consumers[0]).instances;
      expect([seen?.instance, seen?.version, others]).toEqual(["pod-1", undefined, []]);
      expect(claim.inputs).toEqual([]);
      const events = await world.ledger.auditEvents({ limit: 50, credential: paymentsDb });
      expect(events.find(({ type }) => type === "consumer.noted")).toMatchObject({
        detail: { instance: "pod-1", version: 99 },
      });
      await world.ledger.recordRotation(claim.hold, commitOf(claim));
      await world.ledger.sight({ ...said, version: 2, counted: true });
      const moved = must((await claimed(world.ledger, id)).consumers[0]).instances[0];
      expect(moved).toMatchObject({ version: 2, counted: true });
    },
  },
  {
    guarantee:
      "what a lag held back was acknowledged when it was said, and its instance is seen now",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const { now } = await world.ledger.check();
      const said = { consumer: paymentsApi, credential: paymentsDb, version: 1, counted: true };
      const hour = 3_600_000;
      await world.ledger.sight({ ...said, instance: "late", at: now - hour });
      await world.ledger.sight({ ...said, instance: "ahead", at: now + hour });
      await world.ledger.sight({ ...said, instance: "behind", at: now - 2 * second });
      const { instances } = must((await claimed(world.ledger, id)).consumers[0]);
      const of = (instance: string) => must(instances.find((one) => one.instance === instance));
      expect(of("late")).toMatchObject({ acknowledgedAt: now - hour, version: 1, counted: true });
      expect(of("late").lastSeenAt).toBeGreaterThanOrEqual(now);
      expect(of("ahead").acknowledgedAt).toBe(of("ahead").lastSeenAt);
      expect(of("behind").acknowledgedAt).toBe(of("behind").lastSeenAt);
    },
  },
  {
    guarantee: "only a declared consumer of the credential is heard",
    run: async (world) => {
      await prepare(world);
      const said = { instance: "pod-1", counted: true, version: 1 };
      const stranger = { ...said, consumer: consumerId("stranger") };
      expect(await world.ledger.sight(stranger)).toMatchObject({ refused: "NOT_FOUND" });
      const other = { ...said, consumer: paymentsApi, credential: ordersDb };
      expect(await world.ledger.sight(other)).toMatchObject({ refused: "NOT_FOUND" });
      expect(await world.ledger.consumer(paymentsApi)).toMatchObject({ service: "payments" });
      expect(await world.ledger.consumer(consumerId("stranger"))).toBeUndefined();
    },
  },
];
