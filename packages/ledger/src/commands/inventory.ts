import {
  assert,
  grantKey,
  inventoryDifference,
  type Actor,
  type Credential,
  type Inventory,
  type InventoryChange,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { freshHold } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { consumerOf, credentialOf, identityOf } from "./views.ts";

type Reader = Pick<Draft, "get" | "rows">;

export interface InventoryRequest {
  readonly inventory: Inventory;
  readonly actor: Actor;
  readonly reason: string;
}

/** The inventory as it is now, with what vanished from the file and is still in the ledger. */
const presentInventory = (draft: Reader): Inventory => ({
  identities: draft.rows("identities").map(identityOf),
  consumers: draft.rows("consumers").map(consumerOf),
  policies: draft.rows("policies").map(({ declared: _declared, ...policy }) => policy),
  grants: draft.rows("grants").map(({ declared: _declared, ...grant }) => grant),
  credentials: draft.rows("credentials").flatMap(({ id }) => credentialOf(draft, id) ?? []),
});

/** What `apply` would change, entry by entry. What vanished before stays out of it. */
export const checkInventory = (draft: Reader, inventory: Inventory): readonly InventoryChange[] =>
  inventoryDifference(presentInventory(draft), inventory).filter(
    (entry) => entry.change !== "undeclared" || isDeclared(draft, entry),
  );

const isDeclared = (draft: Reader, { kind, id }: InventoryChange): boolean => {
  switch (kind) {
    case "identity":
      return draft.get("identities", id)?.declared === true;
    case "consumer":
      return draft.get("consumers", id)?.declared === true;
    case "policy":
      return draft.get("policies", id)?.declared === true;
    case "credential":
      return draft.get("credentials", id)?.declared === true;
    case "grant":
      return draft.rows("grants").some((row) => grantKey(row) === id && row.declared);
  }
};

/** Puts what the file says. What vanished is marked undeclared, never deleted; what ended stays ended. */
export const applyInventory = (
  draft: Draft,
  { inventory, actor, reason }: InventoryRequest,
): readonly InventoryChange[] => {
  const changes = checkInventory(draft, inventory);
  assertWhole(inventory);
  undeclare(draft, changes);
  declare(draft, inventory);
  const changed = changes.filter((entry) => entry.change !== "same");
  if (changed.length === 0) return changes;
  auditOwn(draft, {
    type: "inventory.applied",
    actor: { id: actor.id, authenticated: actor.authenticated },
    reason,
    detail: detailOf({
      counts: countsOf(changes),
      changes: changed.slice(0, changesAuditedMax).map(brief),
    }),
  });
  return changes;
};

/** Changes named in the audit event; all are counted. */
const changesAuditedMax = 1_000;

const brief = ({ kind, id, change, fields }: InventoryChange): object => ({
  kind,
  id,
  change,
  paths: fields.map((field) => field.path),
});

const countsOf = (changes: readonly InventoryChange[]): Record<string, number> => {
  const counts: Record<string, number> = { add: 0, change: 0, undeclared: 0, same: 0 };
  for (const { change } of changes) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
};

/** The edge has checked this and named the places; here it is our own bug. */
const assertWhole = (inventory: Inventory): void => {
  const policies = new Set(inventory.policies.map((policy) => policy.name));
  const identities = new Set(inventory.identities.map((identity) => identity.id));
  for (const credential of inventory.credentials) {
    assert(policies.has(credential.policy), `${credential.id} names a policy that is not there`);
    assert(
      identities.has(credential.identity),
      `${credential.id} names an identity that is not there`,
    );
  }
};

const declare = (draft: Draft, inventory: Inventory): void => {
  for (const policy of inventory.policies) draft.put("policies", { ...policy, declared: true });
  for (const identity of inventory.identities) {
    const active = draft.get("identities", identity.id)?.active ?? identity.active;
    draft.put("identities", { ...identity, active, declared: true });
  }
  for (const consumer of inventory.consumers)
    draft.put("consumers", { ...consumer, declared: true });
  for (const credential of inventory.credentials) declareCredential(draft, credential);
  for (const grant of inventory.grants) draft.put("grants", { ...grant, declared: true });
};

const declareCredential = (draft: Draft, credential: Credential): void => {
  const { ended: _ended, ...row } = credential;
  draft.put("credentials", { ...row, declared: true });
  if (draft.get("holds", credential.id) === undefined) draft.put("holds", freshHold(credential.id));
};

const undeclare = (draft: Draft, changes: readonly InventoryChange[]): void => {
  const gone = new Map(
    changes
      .filter(({ change }) => change === "undeclared")
      .map(({ kind, id }) => [`${kind}:${id}`, true]),
  );
  const isGone = (kind: string, id: string): boolean => gone.has(`${kind}:${id}`);
  for (const row of draft.rows("identities"))
    if (isGone("identity", row.id)) draft.put("identities", { ...row, declared: false });
  for (const row of draft.rows("consumers"))
    if (isGone("consumer", row.id)) draft.put("consumers", { ...row, declared: false });
  for (const row of draft.rows("policies"))
    if (isGone("policy", row.name)) draft.put("policies", { ...row, declared: false });
  for (const row of draft.rows("credentials"))
    if (isGone("credential", row.id)) draft.put("credentials", { ...row, declared: false });
  for (const row of draft.rows("grants"))
    if (isGone("grant", grantKey(row))) draft.put("grants", { ...row, declared: false });
};
