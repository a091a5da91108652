import type { ContractCase } from "@rekey/testkit";
import { credentialId, identityId, policyName } from "@rekey/domain";
import { expect } from "vitest";
import { commitOf, claimed, must, openRotation, withVersion } from "./turns.suite.ts";
import {
  credential,
  inventory,
  paymentsDb,
  person,
  policy,
  prepare,
  type LedgerWorld,
} from "./world.suite.ts";

const changed = (changes: readonly { readonly change: string; readonly id: string }[]) =>
  changes.filter(({ change }) => change !== "same").map(({ change, id }) => `${change} ${id}`);

/** What people declare, and what is never lost by it. */
export const inventoryCases: readonly ContractCase<LedgerWorld>[] = [
  {
    guarantee: "a check writes nothing, and the same file applied twice changes nothing",
    run: async ({ ledger }) => {
      const request = { inventory: inventory(), actor: person, reason: "first" };
      const checked = await ledger.checkInventory(request.inventory);
      expect(checked.every(({ change }) => change === "add")).toBe(true);
      expect(await ledger.credentials({ limit: 10 })).toEqual([]);
      expect(await ledger.applyInventory(request)).toEqual(checked);
      expect(changed(await ledger.applyInventory(request))).toEqual([]);
      const events = await ledger.auditEvents({ limit: 10 });
      expect(events.map(({ type }) => type)).toEqual(["inventory.applied"]);
      const view = must(await ledger.credential(paymentsDb));
      expect(view.credential).toEqual(credential("payments-db"));
      expect(view.policy).toEqual(policy);
    },
  },
  {
    guarantee:
      "what vanishes from the file is undeclared, never deleted, and told until it is back",
    run: async (world) => {
      await prepare(world);
      await withVersion(world, "orders-db");
      const file = inventory({ credentials: [credential("payments-db")] });
      const request = { inventory: file, actor: person, reason: "smaller" };
      expect(changed(await world.ledger.applyInventory(request))).toEqual([
        "undeclared orders-db",
        "undeclared pg-main-control",
      ]);
      const vanished = await world.ledger.checkInventory(file);
      expect(changed(vanished)).toEqual(["undeclared orders-db", "undeclared pg-main-control"]);
      expect(vanished.flatMap(({ fields }) => fields)).toEqual([]);
      const events = await world.ledger.auditEvents({ limit: 50 });
      await world.ledger.applyInventory(request);
      expect(await world.ledger.auditEvents({ limit: 50 })).toEqual(events);
      const left = must(await world.ledger.credential(credentialId("orders-db")));
      expect(left.credential.declared).toBe(false);
      expect(left.versions).toHaveLength(1);
      const again = { inventory: inventory(), actor: person, reason: "back" };
      const back = await world.ledger.applyInventory(again);
      expect(changed(back)).toEqual(["change orders-db", "change pg-main-control"]);
      expect(back.find(({ id }) => id === "orders-db")?.fields).toEqual([
        { path: "declared", from: false, to: true },
      ]);
    },
  },
  {
    guarantee: "what has ended stays ended, whatever is applied",
    run: async (world) => {
      await prepare(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      must(await world.ledger.recordRotation(claim.hold, commitOf(claim, { ended: true })));
      const moved = credential("payments-db", { purpose: "another" });
      const request = {
        inventory: inventory({ credentials: [moved] }),
        actor: person,
        reason: "x",
      };
      await world.ledger.applyInventory(request);
      const view = must(await world.ledger.credential(paymentsDb));
      expect(view.credential).toMatchObject({ ended: true, purpose: "another" });
    },
  },
  {
    guarantee: "an apply between claim and commit does not end the hold",
    run: async (world) => {
      await prepare(world);
      const claim = await claimed(world.ledger, await openRotation(world, "payments-db"));
      const moved = credential("payments-db", { purpose: "another" });
      const request = {
        inventory: inventory({ credentials: [moved] }),
        actor: person,
        reason: "x",
      };
      await world.ledger.applyInventory(request);
      expect(await world.ledger.recordRotation(claim.hold, commitOf(claim))).toBeDefined();
    },
  },
  {
    guarantee: "a policy that a credential names must be in the same file",
    run: async ({ ledger }) => {
      const stray = credential("payments-db", { policy: policyName("nowhere") });
      const request = {
        inventory: inventory({ credentials: [stray] }),
        actor: person,
        reason: "x",
      };
      await expect(ledger.applyInventory(request)).rejects.toThrow("policy that is not there");
      expect(await ledger.identity(identityId("payments"))).toBeUndefined();
    },
  },
  {
    guarantee: "switches are read as they were set, the last word counts",
    run: async ({ ledger }) => {
      expect(await ledger.switches()).toEqual({ modes: [], pause: { paused: false, all: false } });
      const setting = { scope: "issuer", name: "pg-main", mode: "act" } as const;
      await ledger.setMode({ setting, actor: person, reason: "ready" });
      await ledger.setMode({
        setting: { ...setting, mode: "propose" },
        actor: person,
        reason: "no",
      });
      const pause = { paused: true, all: true, reason: "fire drill" };
      await ledger.setPause({ pause, actor: person });
      expect(await ledger.switches()).toEqual({ modes: [{ ...setting, mode: "propose" }], pause });
    },
  },
  {
    guarantee: "a foreign principal is acknowledged once, and only of a known credential",
    run: async (world) => {
      await prepare(world);
      const id = await openRotation(world, "payments-db");
      const request = {
        credential: paymentsDb,
        principal: "app_old",
        actor: person,
        reason: "ours",
      };
      expect(await world.ledger.acknowledgeForeign(request)).toBeUndefined();
      expect(await world.ledger.acknowledgeForeign(request)).toMatchObject({
        refused: "ALREADY_DONE",
      });
      const stray = { ...request, credential: credentialId("nobodys-db") };
      expect(await world.ledger.acknowledgeForeign(stray)).toMatchObject({ refused: "NOT_FOUND" });
      const claim = await claimed(world.ledger, id);
      expect(claim.foreignAcknowledged).toEqual(["app_old"]);
      expect(claim.inputs).toMatchObject([{ input: { type: "woken" } }]);
    },
  },
];
