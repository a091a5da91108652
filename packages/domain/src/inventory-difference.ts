import type { DetailValue } from "./audit-event.ts";
import type { Inventory } from "./inventory.ts";

export const inventoryKinds = ["identity", "credential", "consumer", "grant", "policy"] as const;
export type InventoryKind = (typeof inventoryKinds)[number];

/** One entry of the difference that `apply` shows. `undeclared`: it vanished from the file; it is reported, never retired. */
export interface InventoryChange {
  readonly kind: InventoryKind;
  readonly id: string;
  readonly change: "add" | "change" | "undeclared" | "same";
  readonly fields: readonly {
    readonly path: string;
    readonly from: DetailValue;
    readonly to: DetailValue;
  }[];
}

type Row = Readonly<Record<string, unknown>>;

/** Recorded by Rekey, not declared by people: never part of a difference. */
const recordedFields: ReadonlySet<string> = new Set(["declared", "ended", "active"]);

const plain = (value: unknown): DetailValue => {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = Object.entries(value as Row)
    .filter(([, part]) => part !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, plain(part)]));
};

const fieldsOf = (before: Row, after: Row): InventoryChange["fields"] => {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => path !== "id" && !recordedFields.has(path))
    .sort();
  return paths
    .map((path) => ({ path, from: plain(before[path]), to: plain(after[path]) }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
};

const compare = (
  kind: InventoryKind,
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row>,
): readonly InventoryChange[] => {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  return ids.map((id): InventoryChange => {
    const [older, newer] = [before.get(id), after.get(id)];
    if (newer === undefined) return { kind, id, change: "undeclared", fields: [] };
    if (older === undefined) return { kind, id, change: "add", fields: fieldsOf({}, newer) };
    const fields = fieldsOf(older, newer);
    const redeclared = older["declared"] === false;
    return { kind, id, change: fields.length > 0 || redeclared ? "change" : "same", fields };
  });
};

const byId = <Item extends object>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): ReadonlyMap<string, Row> => new Map(items.map((item) => [idOf(item), item as Row]));

export const grantKey = (grant: {
  readonly consumer: string;
  readonly credential: string;
}): string => `${grant.consumer}→${grant.credential}`;

/** Pure: what `apply` would change, entry by entry, in a stable order. */
export const inventoryDifference = (
  before: Inventory,
  after: Inventory,
): readonly InventoryChange[] => [
  ...compare(
    "policy",
    byId(before.policies, (policy) => policy.name),
    byId(after.policies, (policy) => policy.name),
  ),
  ...compare(
    "identity",
    byId(before.identities, (identity) => identity.id),
    byId(after.identities, (identity) => identity.id),
  ),
  ...compare(
    "consumer",
    byId(before.consumers, (consumer) => consumer.id),
    byId(after.consumers, (consumer) => consumer.id),
  ),
  ...compare(
    "credential",
    byId(before.credentials, (credential) => credential.id),
    byId(after.credentials, (credential) => credential.id),
  ),
  ...compare("grant", byId(before.grants, grantKey), byId(after.grants, grantKey)),
];
