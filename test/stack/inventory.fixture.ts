import { targetDatabase } from "@rekey/service-set";

/** One credential of the world: made in a group of the server, or as a secret id of a role in Vault. */
export interface StackCredential {
  readonly id: string;
  readonly identity: string;
  readonly environment: "production" | "staging";
  readonly consumers: readonly string[];
  readonly made: { readonly group: string } | { readonly role: string };
  readonly endsWith?: "deployment";
  readonly policy?: string;
}

const production = { environment: "production" } as const;

export const paymentsDb: StackCredential = {
  ...production,
  id: "payments-db",
  identity: "payments",
  consumers: ["payments-api"],
  policy: "services",
  made: { group: "payments_app" },
};
export const paymentsVault: StackCredential = {
  ...production,
  id: "payments-vault",
  identity: "payments",
  consumers: ["payments-api"],
  policy: "services",
  made: { role: "payments" },
};
export const partners: readonly StackCredential[] = (
  [
    ["acme-orders", { group: "partner_orders" }],
    ["acme-vault", { role: "acme" }],
    ["acme-exports", { group: "partner_exports" }],
  ] as const
).map(([id, made]) => ({ ...production, id, identity: "partner-acme", consumers: [], made }));
export const canaryDb: StackCredential = {
  ...production,
  id: "canary-db",
  identity: "shop",
  consumers: ["shop-canary"],
  made: { group: "canary_app" },
  endsWith: "deployment",
};
export const catalogDb: StackCredential = {
  ...production,
  id: "catalog-db",
  identity: "shop",
  consumers: ["shop-canary", "shop-web"],
  made: { group: "catalog_app" },
  endsWith: "deployment",
};
export const stagingDb: StackCredential = {
  id: "staging-db",
  identity: "payments",
  environment: "staging",
  consumers: [],
  made: { group: "staging_app" },
};
/** Nobody uses them: for crowds. */
export const crowd = (count: number): readonly StackCredential[] =>
  Array.from({ length: count }, (_, index) => ({
    ...production,
    id: `crowd-${index + 1}`,
    identity: "payments",
    consumers: [],
    made: { group: `crowd_${index + 1}` },
  }));

export const demoCredentials: readonly StackCredential[] = [
  paymentsDb,
  paymentsVault,
  ...partners,
  canaryDb,
  catalogDb,
  stagingDb,
];

/** The field whose template is the version's number. */
export const versionField = "VERSION";
export const urlField = "DATABASE_URL";
export const secretIdField = "SECRET_ID";
export const roleIdField = "ROLE_ID";

export const instances = {
  postgres: "shop-postgres",
  vault: "shop-vault",
  store: "vault",
} as const;

export const documentOf = ({ id }: Pick<StackCredential, "id">): string => `payments/${id}`;

const fieldsOf = ({ made }: StackCredential): Readonly<Record<string, string>> => ({
  ...("group" in made
    ? { [urlField]: "postgres://{username}:{secret}@{host}:{port}/{database}" }
    : { [secretIdField]: "{secret}", [roleIdField]: "{role_id}" }),
  [versionField]: "{version}",
});

interface InventoryOptions {
  readonly credentials: readonly StackCredential[];
  readonly signingKeys: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Rotates what has the policy `services` by its age from now on. */
  readonly rotateAfter?: string;
  /** Replaces or adds rules of every policy. */
  readonly rules?: Readonly<Record<string, unknown>>;
}

const identityOf: Readonly<Record<string, string>> = {
  "payments-api": "payments",
  "shop-canary": "shop",
  "shop-web": "shop",
};

/** inventory.yaml as data. */
export const inventoryOf = ({
  credentials,
  signingKeys,
  rotateAfter,
  rules,
}: InventoryOptions) => ({
  identities: [
    { id: "platform-team", kind: "person" },
    { id: "payments", kind: "service", owner: "platform-team" },
    { id: "shop", kind: "service", owner: "platform-team" },
    {
      id: "partner-acme",
      kind: "partner",
      owner: "platform-team",
      aliases: [{ scheme: "externalId", value: "partner-acme" }],
    },
  ],
  policies: [
    {
      ...policy,
      ...rules,
      name: "services",
      ...(rotateAfter === undefined ? {} : { rotateAfter }),
    },
    { ...policy, ...rules, name: "others" },
  ],
  consumers: [...new Set(credentials.flatMap(({ consumers }) => consumers))].map((id) => ({
    id,
    identity: identityOf[id],
    environment: "production",
    service: id,
    ...(signingKeys.has(id) && { signingKey: signingKeys.get(id) }),
  })),
  credentials: credentials.map((one) => ({
    id: one.id,
    identity: one.identity,
    owner: "platform-team",
    purpose: "a test on real parts",
    environment: one.environment,
    issuer:
      "group" in one.made
        ? { instance: instances.postgres, settings: { ...one.made, database: targetDatabase } }
        : { instance: instances.vault, settings: one.made },
    store: { store: instances.store, document: documentOf(one), fields: fieldsOf(one) },
    consumers: one.consumers,
    policy: one.policy ?? "others",
    exclusive: true,
    ...(one.endsWith && { endsWith: one.endsWith }),
  })),
});

const policy = { grace: "1 m", reversibleFor: "1 s", onExposure: "contain-first" } as const;
