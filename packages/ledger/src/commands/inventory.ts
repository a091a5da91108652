import {
  assert,
  grantKey,
  inventoryDifference,
  type Actor,
  type Credential,
  type Identity,
  type Inventory,
  type InventoryChange,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { freshHold } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";

type Reader = Pick<Draft, "get" | "rows">;

export interface InventoryRequest {
  readonly inventory: Inventory;
  readonly actor: Actor;
  readonly reason: string;
}

/** The inventory as it is now, with what vanished from the file and is still in the ledger. */
const presentInventory = (draft: Reader): Inventory => ({
  identities: draft.rows("identities"),
  consumers: draft.rows("consumers"),
  policies: draft.rows("policies"),
  grants: draft.rows("grants"),
  credentials: draft.rows("credentials").map((row) => ({ ...row, ended: false })),
});

/**
 * What `apply` would change, entry by entry. An entry that vanished or came back has the field `declared`; one
 * that vanished before is told again, without a field, until it has ended.
 */
export const checkInventory = (draft: Reader, inventory: Inventory): readonly InventoryChange[] =>
  inventoryDifference(presentInventory(draft), inventory).flatMap((entry) => {
    if (entry.change === "add" || entry.change === "same") return [entry];
    const declared = isDeclared(draft, entry);
    if (entry.change === "change") return [declared ? entry : declaredField(entry, true)];
    if (declared) return [declaredField(entry, false)];
    return hasEnded(draft, entry) ? [] : [entry];
  });

const declaredField = (entry: InventoryChange, to: boolean): InventoryChange => ({
  ...entry,
  fields: [{ path: "declared", from: !to, to }, ...entry.fields],
});

const hasEnded = (draft: Reader, { kind, id }: InventoryChange): boolean =>
  kind === "credential" && draft.get("holds", id)?.ended === true;

/** Whether applying it writes anything: what was undeclared before stays as it is. */
const isChanged = ({ change, fields }: InventoryChange): boolean =>
  change !== "same" && (change !== "undeclared" || fields.length > 0);

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
  declare(draft, inventory, changes);
  const changed = changes.filter(isChanged);
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

/** Only what is new or changed is written. */
const declare = (draft: Draft, inventory: Inventory, changes: readonly InventoryChange[]): void => {
  const written = new Set(
    changes.filter(({ change }) => change !== "same").map(({ kind, id }) => `${kind}:${id}`),
  );
  const isWritten = (kind: string, id: string): boolean => written.has(`${kind}:${id}`);
  for (const policy of inventory.policies)
    if (isWritten("policy", policy.name)) draft.put("policies", { ...policy, declared: true });
  for (const identity of inventory.identities)
    if (isWritten("identity", identity.id)) declareIdentity(draft, identity);
  for (const consumer of inventory.consumers)
    if (isWritten("consumer", consumer.id)) draft.put("consumers", { ...consumer, declared: true });
  for (const credential of inventory.credentials)
    if (isWritten("credential", credential.id)) declareCredential(draft, credential);
  for (const grant of inventory.grants)
    if (isWritten("grant", grantKey(grant))) draft.put("grants", { ...grant, declared: true });
};

const declareIdentity = (draft: Draft, identity: Identity): void => {
  const active = draft.get("identities", identity.id)?.active ?? identity.active;
  draft.put("identities", { ...identity, active, declared: true });
};

const declareCredential = (draft: Draft, credential: Credential): void => {
  const { ended: _ended, ...row } = credential;
  draft.put("credentials", { ...row, declared: true });
  if (draft.get("holds", credential.id) === undefined) draft.put("holds", freshHold(credential.id));
};

const undeclare = (draft: Draft, changes: readonly InventoryChange[]): void => {
  const gone = new Map(
    changes
      .filter((entry) => entry.change === "undeclared" && isChanged(entry))
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
