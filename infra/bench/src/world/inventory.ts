import { targetDatabase } from "@rekey/service-set";
import { stringify } from "yaml";

/** A family of credentials of one shape: `leaks-001`, `leaks-002`, … */
export interface Family {
  readonly name: string;
  readonly count: number;
  /** Its rotations wait for a workload that never moves. */
  readonly consumed: boolean;
}

export const membersOf = ({ name, count }: Family): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${String(index + 1).padStart(4, "0")}`);

/** The group of a credential at the target. */
export const groupOf = (credential: string): string => `bench_${credential.replace("-", "_")}`;

/** Where a credential's value is kept. */
export const addressOf = (
  credential: string,
): { store: string; document: string; fields: Record<string, string> } => ({
  store: "vault",
  document: `payments/${credential}`,
  fields: { url: "postgres://{username}:{secret}@{host}:{port}/{database}" },
});

export const settingsOf = (credential: string): { group: string; database: string } => ({
  group: groupOf(credential),
  database: targetDatabase,
});

const breaker = { kills: 1_000_000, containments: 1_000_000 };
const policies = [
  {
    name: "at-once",
    grace: "0 s",
    reversibleFor: "0 s",
    onExposure: "contain-first",
    breaker,
  },
  {
    name: "waiting",
    grace: "4 h",
    reversibleFor: "0 s",
    onExposure: "contain-first",
    breaker,
  },
];

const consumer = {
  id: "bench-reader",
  identity: "bench",
  environment: "bench",
  service: "bench-reader",
};

const declared = (family: Family): readonly object[] =>
  membersOf(family).map((id) => ({
    id,
    identity: "bench",
    owner: "bench-team",
    purpose: "is measured",
    environment: "bench",
    policy: family.consumed ? "waiting" : "at-once",
    issuer: { instance: "shop-postgres", settings: settingsOf(id) },
    store: addressOf(id),
    consumers: family.consumed ? [consumer.id] : [],
  }));

/** Everything that is measured, as `rekey apply` takes it. */
export const inventoryText = (families: readonly Family[]): string =>
  stringify(documentOf(families), { aliasDuplicateObjects: false });

const documentOf = (families: readonly Family[]): object => ({
  identities: [
    { id: "bench-team", kind: "person" },
    { id: "bench", kind: "service", owner: "bench-team" },
  ],
  policies,
  consumers: [consumer],
  credentials: families.flatMap(declared),
});
