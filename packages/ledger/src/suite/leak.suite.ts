import { type RotationClaim } from "@rekey/domain";
import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import { admitOne, fingerprintOf, leakOf, received, requestOf } from "./signals.suite.ts";
import {
  claimed,
  commitOf,
  finish,
  must,
  openRotation,
  versionOf,
  withVersion,
} from "./turns.suite.ts";
import { paymentsDb, prepare, type LedgerWorld } from "./world.suite.ts";

/** From the report of a leak to the worker's hand. */
export const leakCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "a leak of one known version is born claimed, with its containment intended",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const leak = received({ locators: [fingerprintOf("payments-db#1")] });
      const admitted = await admitOne(world, leak);
      const hold = must(admitted.urgent);
      const claim = must(await world.ledger.heldRotation(hold));
      expect(admitted.outcome).toBe("opened");
      expect(claim.rotation).toMatchObject({
        dying: [1],
        successor: 2,
        open: { key: "contain#1", attempt: 1 },
      });
      expect(claim.effects).toEqual([
        {
          rotation: hold.id,
          step: "contain#1",
          attempt: 1,
          version: 1,
          state: "intended",
          key: `${hold.id}/contain/1/1`,
        },
      ]);
      expect(claim.versions[0]?.exposedAt).toBe(claim.rotation.startedAt);
      expect(claim.obligations).toMatchObject([
        { version: 1, case: admitted.case, owner: "platform" },
      ]);
      const view = must(await world.ledger.case(must(admitted.case)));
      expect(view.items).toEqual([
        { credential: paymentsDb, version: 1, wanted: "successor", wave: 0, rotation: hold.id },
      ]);
    },
  },
  {
    guarantee: "the answer to a leak is what its turn begins with, as the same commit left it",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      await withVersion(world, "pg-main-control");
      const foreseen: RotationClaim[] = [];
      const request = requestOf(leakOf("payments-db#1"));
      const [admitted] = await world.ledger.admit({
        ...request,
        foreseen: (turn) => void foreseen.push(turn),
      });
      const claim = must(admitted?.claim);
      const read = must(await world.ledger.heldRotation(must(admitted?.urgent)));
      expect(claim).toEqual({ ...read, now: claim.now });
      expect(claim.now).toBeLessThanOrEqual(read.now);
      expect(foreseen).toEqual([claim]);
      expect(claim.control?.version.credential).toBe("pg-main-control");
      expect(claim.consumers).toHaveLength(1);
    },
  },
  {
    guarantee: "what is born claimed is nobody else's until its hold has run out",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const { urgent } = await admitOne(world, leakOf("payments-db#1"));
      const hold = must(urgent);
      const id = hold.id as Parameters<typeof claimed>[1];
      expect(await world.ledger.claimRotation({ id, worker: "other" })).toBeUndefined();
      await world.elapse(16_000);
      const later = must(await world.ledger.claimRotation({ id, worker: "other" }));
      expect(later.hold.fence).toBe(hold.fence + 1);
      expect(later.rotation.claimsLost).toBe(1);
      expect(await world.ledger.heldRotation(hold)).toBeUndefined();
      expect(await world.ledger.recordRotation(hold, commitOf(later))).toBeUndefined();
    },
  },
  {
    guarantee: "thirty alerts for one secret make one case and one rotation",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const leaks = Array.from({ length: 30 }, () => leakOf("payments-db#1"));
      const answers = (
        await Promise.all(leaks.map((leak) => world.ledger.admit(requestOf(leak))))
      ).flat();
      expect(new Set(answers.map((answer) => answer.case)).size).toBe(1);
      expect(answers.filter((answer) => answer.outcome === "opened")).toHaveLength(1);
      expect(answers.filter((answer) => answer.urgent !== undefined)).toHaveLength(1);
      const view = must(await world.ledger.case(must(answers[0]?.case)));
      expect(view.case.signals).toBe(30);
      expect(view.rotations).toHaveLength(1);
    },
  },
  {
    guarantee: "the same event again is answered as before, and with other content quarantined",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const leak = leakOf("payments-db#1");
      const first = await admitOne(world, leak);
      const again = await admitOne(world, leak);
      expect(again).toMatchObject({ signal: first.signal, outcome: "opened", case: first.case });
      expect(again.urgent).toBeUndefined();
      const changed = leakOf("payments-db#1", { eventId: leak.signal.eventId, public: false });
      expect((await admitOne(world, changed)).outcome).toBe("quarantined");
      expect((await admitOne(world, changed)).outcome).toBe("quarantined");
      expect(must(await world.ledger.case(must(first.case))).case.signals).toBe(1);
    },
  },
  {
    guarantee: "a leak during a planned rotation escalates it and pre-empts its worker",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const working = await claimed(world.ledger, id);
      const admitted = await admitOne(world, leakOf("payments-db#1"));
      expect(admitted.urgent).toBeUndefined();
      expect(await world.ledger.recordRotation(working.hold, commitOf(working))).toBeUndefined();
      expect(await world.ledger.renew(working.hold)).toBe(false);
      const next = await claimed(world.ledger, id);
      expect(next.inputs).toMatchObject([
        { input: { type: "escalate", escalation: { versions: [1], wanted: "successor" } } },
      ]);
      expect(next.rotation.claimsLost).toBe(0);
      expect(next.versions[0]?.exposedAt).toBeDefined();
      const view = must(await world.ledger.case(must(admitted.case)));
      expect(view.items[0]?.rotation).toBe(id);
      expect(view.obligations).toMatchObject([{ version: 1 }]);
    },
  },
  {
    guarantee: "a scope without a mode observes: a case opens and nothing is contained",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const setting = { scope: "credential", name: "payments-db", mode: "observe" } as const;
      await world.ledger.setMode({
        setting,
        actor: { id: "local:ada", authenticated: "local-socket", roles: [] },
        reason: "look first",
      });
      const admitted = await admitOne(world, leakOf("payments-db#1"));
      expect(admitted).toMatchObject({ outcome: "opened" });
      expect(admitted.urgent).toBeUndefined();
      const view = must(await world.ledger.case(must(admitted.case)));
      expect(view.case).toMatchObject({ mode: "observe", step: "resolve" });
      expect(view.obligations).toMatchObject([{ case: admitted.case, owner: "platform" }]);
      expect(view.rotations).toEqual([]);
    },
  },
  {
    guarantee: "a late report about a version that is proven dead is noted",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const id = await openRotation(world, "payments-db");
      const ending = await claimed(world.ledger, id);
      const dying = { ...must(ending.versions[0]), label: "none", life: "ending" } as const;
      must(
        await world.ledger.recordRotation(
          ending.hold,
          commitOf(ending, { versions: [dying], release: true }),
        ),
      );
      await finish(world, id, (claim) => [
        { ...dying, life: "revoked" },
        versionOf(claim.rotation, { number: 2, promotedAt: claim.now }),
      ]);
      expect(await admitOne(world, leakOf("payments-db#1"))).toMatchObject({ outcome: "noted" });
    },
  },
  {
    guarantee: "a batch is answered in the order it was asked, each signal once",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "payments-db");
      const known = leakOf("payments-db#1");
      const unknown = leakOf("nobodys-db#1");
      const answers = await world.ledger.admit(requestOf(unknown, known, known));
      expect(answers.map((answer) => answer.outcome)).toEqual(["refused", "opened", "opened"]);
      expect(answers.map((answer) => answer.signal)).toEqual([unknown.id, known.id, known.id]);
    },
  },
];
