import { isInventoryName, type Problem } from "@rekey/domain";
import { defaultPolicy, ownIdentity } from "./document-schema.ts";

type Row = Readonly<Record<string, unknown>>;
type List = "identities" | "policies" | "consumers" | "credentials" | "grants";
type Lists = Readonly<Record<List, readonly Row[]>>;

/**
 * What one entry says about another and does not hold. Works on the document as it was read, whatever its
 * shape, so that a misspelt field elsewhere does not hide a dangling name here.
 */
export const referenceProblems = (document: unknown): readonly Problem[] => {
  const lists = listsOf(document);
  return [
    ...duplicateProblems(lists),
    ...danglingProblems(lists),
    ...grantProblems(lists),
    ...controlProblems(lists),
    ...addressProblems(lists),
  ];
};

const keyOf: Readonly<Record<Exclude<List, "grants">, string>> = {
  identities: "id",
  policies: "name",
  consumers: "id",
  credentials: "id",
};

/** Field of a list's entries → the list it names. A field may hold one name or several. */
const references: readonly (readonly [List, string, Exclude<List, "grants">])[] = [
  ["identities", "owner", "identities"],
  ["consumers", "identity", "identities"],
  ["credentials", "identity", "identities"],
  ["credentials", "owner", "identities"],
  ["credentials", "policy", "policies"],
  ["credentials", "consumers", "consumers"],
  ["grants", "consumer", "consumers"],
  ["grants", "credential", "credentials"],
  ["grants", "owner", "identities"],
  ["grants", "approver", "identities"],
];

function duplicateProblems(lists: Lists): Problem[] {
  const named = Object.entries(keyOf).flatMap(([list, key]) =>
    repeats(lists[list as List], (row) => textOf(row, key)).map((index) => ({
      path: `${list}[${index}].${key}`,
      reason: "is declared twice",
    })),
  );
  const shared = lists.credentials.flatMap((row, index) =>
    repeats(namesOf(row, "consumers"), ({ name }) => name).map((at) => ({
      path: `credentials[${index}].consumers[${at}]`,
      reason: "is listed twice",
    })),
  );
  return [...named, ...shared];
}

function danglingProblems(lists: Lists): Problem[] {
  const declared = {
    identities: new Set([ownIdentity, ...keysOf(lists.identities, keyOf.identities)]),
    policies: new Set([defaultPolicy, ...keysOf(lists.policies, keyOf.policies)]),
    consumers: new Set(keysOf(lists.consumers, keyOf.consumers)),
    credentials: new Set(keysOf(lists.credentials, keyOf.credentials)),
  };
  return references.flatMap(([list, field, target]) =>
    lists[list].flatMap((row, index) =>
      namesOf(row, field)
        .filter(({ name }) => !declared[target].has(name))
        .map(({ name, at }) => ({
          path: `${list}[${index}].${field}${at}`,
          reason: `${name} is not among the ${target}`,
        })),
    ),
  );
}

function grantProblems(lists: Lists): Problem[] {
  const key = (row: Row): string | undefined => {
    const [consumer, credential] = [textOf(row, "consumer"), textOf(row, "credential")];
    return consumer === undefined || credential === undefined
      ? undefined
      : `${consumer} ${credential}`;
  };
  const twice = repeats(lists.grants, key).map((index) => ({
    path: `grants[${index}]`,
    reason: "repeats a grant of the same consumer and credential",
  }));
  const alone = lists.grants.flatMap((row, index) => {
    const approver = textOf(row, "approver");
    if (approver === undefined || approver !== textOf(row, "owner")) return [];
    return [{ path: `grants[${index}].approver`, reason: "must be another than the owner" }];
  });
  return [...twice, ...alone];
}

function controlProblems(lists: Lists): Problem[] {
  const controls = lists.credentials.map((row) => (row["control"] === true ? row : undefined));
  const foreign = controls.flatMap((row, index) => {
    if (row === undefined || row["identity"] === ownIdentity) return [];
    const reason = `must be ${ownIdentity}: a control credential is Rekey's own`;
    return [{ path: `credentials[${index}].identity`, reason }];
  });
  const instance = (row: Row | undefined): string | undefined =>
    textOf(asRow(row?.["issuer"]), "instance");
  const second = repeats(controls, instance).map((index) => ({
    path: `credentials[${index}].control`,
    reason: "is the second control credential of this issuer instance",
  }));
  return [...foreign, ...second];
}

/** Two credentials that write the same field would overwrite each other's value. */
function addressProblems(lists: Lists): Problem[] {
  const slots = lists.credentials.flatMap((row, index) => {
    const address = asRow(row["store"]);
    const fields = Object.keys(asRow(address["fields"]));
    return fields.map((field) => ({
      path: `credentials[${index}].store.fields.${field}`,
      slot: JSON.stringify([address["store"], address["document"], field]),
    }));
  });
  return repeats(slots, ({ slot }) => slot).map((index) => ({
    path: slots[index]?.path ?? "credentials",
    reason: "is written by another credential too",
  }));
}

/** Indexes of those whose key occurred before. */
function repeats<Item>(
  items: readonly Item[],
  keyOfItem: (item: Item) => string | undefined,
): number[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOfItem(item);
    if (key === undefined) return [];
    const again = seen.has(key);
    seen.add(key);
    return again ? [index] : [];
  });
}

// Only what looks like a name is repeated in a reason; the schema reports the rest.
function namesOf(row: Row, field: string): { name: string; at: string }[] {
  const value = row[field];
  if (typeof value === "string") return isInventoryName(value) ? [{ name: value, at: "" }] : [];
  if (!Array.isArray(value)) return [];
  return value.flatMap((name: unknown, index) =>
    typeof name === "string" && isInventoryName(name) ? [{ name, at: `[${index}]` }] : [],
  );
}

const keysOf = (rows: readonly Row[], key: string): string[] =>
  rows.flatMap((row) => textOf(row, key) ?? []);

const textOf = (row: Row, key: string): string | undefined =>
  typeof row[key] === "string" ? row[key] : undefined;

const asRow = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {};

function listsOf(document: unknown): Lists {
  const rows = (list: List): readonly Row[] => {
    const value = asRow(document)[list];
    return Array.isArray(value) ? value.map(asRow) : [];
  };
  return {
    identities: rows("identities"),
    policies: rows("policies"),
    consumers: rows("consumers"),
    credentials: rows("credentials"),
    grants: rows("grants"),
  };
}
