import fc from "fast-check";
import { expect, test } from "vitest";
import { consumerId, credentialId, identityId, policyName } from "./ids.ts";
import type { Inventory } from "./inventory.ts";
import { inventoryDifference } from "./inventory-difference.ts";
import { credential } from "./intake/intake.fixture.ts";
import { policyDefaults } from "./policy.ts";

const id = fc.constantFrom("a", "b", "c");
const unique = <Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];
const inventory = fc
  .record({
    identities: fc.array(
      fc.record({ id, kind: fc.constantFrom("service" as const, "job" as const) }),
    ),
    credentials: fc.array(
      fc.record({ id, purpose: fc.constantFrom("one", "two"), ended: fc.boolean() }),
    ),
    grants: fc.array(fc.record({ consumer: id, credential: id, purpose: id })),
    policies: fc.array(fc.record({ name: id, graceMs: fc.nat(9) })),
  })
  .map((parts): Inventory => ({
    identities: unique(parts.identities, (one) => one.id).map((one) => ({
      ...one,
      id: identityId(one.id),
      aliases: [],
      active: true,
    })),
    credentials: unique(parts.credentials, (one) => one.id).map((one) => ({
      ...credential,
      ...one,
      id: credentialId(one.id),
    })),
    consumers: [],
    grants: unique(parts.grants, (one) => one.consumer + one.credential).map((one) => ({
      consumer: consumerId(one.consumer),
      credential: credentialId(one.credential),
      purpose: one.purpose,
      owner: identityId("team"),
    })),
    policies: unique(parts.policies, (one) => one.name).map((one) => ({
      ...policyDefaults,
      ...one,
      name: policyName(one.name),
    })),
  }));

test("what has been applied differs from nothing", () => {
  fc.assert(
    fc.property(inventory, (declared) => {
      const changes = inventoryDifference(declared, declared);
      expect(
        changes.filter(({ change, fields }) => change !== "same" || fields.length > 0),
      ).toEqual([]);
    }),
  );
});

test("every entry of either side is named once, in the same order whatever the file's order", () => {
  const reversed = (of: Inventory): Inventory => ({
    identities: of.identities.toReversed(),
    credentials: of.credentials.toReversed(),
    consumers: of.consumers.toReversed(),
    grants: of.grants.toReversed(),
    policies: of.policies.toReversed(),
  });
  fc.assert(
    fc.property(inventory, inventory, (before, after) => {
      const changes = inventoryDifference(before, after);
      const names = changes.map(({ kind, id: entry }) => `${kind} ${entry}`);
      expect(new Set(names).size).toBe(names.length);
      expect(inventoryDifference(reversed(before), reversed(after))).toEqual(changes);
    }),
  );
});

const only = (part: Partial<Inventory>): Inventory => ({
  identities: [],
  credentials: [],
  consumers: [],
  grants: [],
  policies: [],
  ...part,
});

test("what vanished from the file is reported and never retired", () => {
  expect(inventoryDifference(only({ credentials: [credential] }), only({}))).toEqual([
    { kind: "credential", id: "payments-db", change: "undeclared", fields: [] },
  ]);
});

test("a change names its fields with both values; what Rekey recorded is no part of it", () => {
  const after = { ...credential, purpose: "billing", ended: true };
  expect(
    inventoryDifference(only({ credentials: [credential] }), only({ credentials: [after] })),
  ).toEqual([
    {
      kind: "credential",
      id: "payments-db",
      change: "change",
      fields: [{ path: "purpose", from: "payments", to: "billing" }],
    },
  ]);
});

test("what had vanished and is declared again is a change", () => {
  const gone = { ...credential, declared: false };
  const [change] = inventoryDifference(
    only({ credentials: [gone] }),
    only({ credentials: [credential] }),
  );
  expect(change).toMatchObject({ change: "change", fields: [] });
});
