import { stringify } from "yaml";
import type { Layout } from "./layout.ts";

/** The credentials of the demonstration: what each is for, and who uses it. */
export interface DemoCredential {
  readonly id: string;
  readonly identity: string;
  readonly purpose: string;
  readonly environment: "production" | "staging";
  readonly group: string;
  readonly consumers: readonly string[];
  readonly endsWith?: "deployment";
}

export const credentials = {
  payments: {
    id: "payments-db",
    identity: "payments",
    purpose: "writes payments",
    environment: "production",
    group: "payments_app",
    consumers: ["payments-api"],
  },
  orders: {
    id: "acme-orders",
    identity: "partner-acme",
    purpose: "the partner reads its orders",
    environment: "production",
    group: "partner_orders",
    consumers: ["partner-acme"],
  },
  reports: {
    id: "acme-reports",
    identity: "partner-acme",
    purpose: "the partner reads its monthly reports",
    environment: "production",
    group: "partner_reports",
    consumers: ["partner-acme"],
  },
  exports: {
    id: "acme-exports",
    identity: "partner-acme",
    purpose: "the partner fetches its exports",
    environment: "production",
    group: "partner_exports",
    consumers: ["partner-acme"],
  },
  canary: {
    id: "canary-db",
    identity: "shop",
    purpose: "one canary deployment, and it ends with it",
    environment: "production",
    group: "canary_app",
    consumers: ["shop-canary"],
    endsWith: "deployment",
  },
  catalog: {
    id: "catalog-db",
    identity: "shop",
    purpose: "the catalog, shared by two deployments",
    environment: "production",
    group: "catalog_app",
    consumers: ["shop-canary", "shop-web"],
    endsWith: "deployment",
  },
  staging: {
    id: "staging-db",
    identity: "payments",
    purpose: "writes payments of the staging environment",
    environment: "staging",
    group: "staging_app",
    consumers: ["payments-staging"],
  },
} as const satisfies Record<string, DemoCredential>;

export const allCredentials: readonly DemoCredential[] = Object.values(credentials);

const controlGroup = "rekey_control";
export const groups: readonly string[] = [
  ...allCredentials.map(({ group }) => group),
  controlGroup,
];

/** The field that holds the whole connection string. */
export const urlField = "DATABASE_URL";
const urlTemplate = "postgres://{username}:{secret}@{host}:{port}/{database}";
const issuer = "shop-postgres";
const store = "documents";
/** The control credential of the issuer instance: Rekey declares it by itself, under this name. */
export const control = { credential: `control-${issuer}`, document: "rekey-control" } as const;

/** Every consumer once, with the environment it runs in. */
export const consumers: readonly { readonly id: string; readonly environment: string }[] = [
  ...new Map(
    allCredentials.flatMap(({ consumers: users, environment }) =>
      users.map((id) => [id, { id, environment }] as const),
    ),
  ).values(),
];

export interface PublicKeys {
  readonly signingKey: Readonly<Record<string, unknown>>;
  readonly reader: string;
}

interface InventoryOptions {
  readonly database: string;
  readonly keys: ReadonlyMap<string, PublicKeys>;
  /** Rotates the payments credential by its age from now on. */
  readonly rotateAfter?: string;
}

const policies = (rotateAfter: string | undefined) => [
  {
    name: "services",
    grace: "1 m",
    reversibleFor: "2 s",
    onExposure: "contain-first",
    ...(rotateAfter === undefined ? {} : { rotateAfter }),
  },
  { name: "others", grace: "1 m", reversibleFor: "2 s", onExposure: "contain-first" },
];

const identityOf: Readonly<Record<string, string>> = {
  "payments-api": "payments",
  "payments-staging": "payments",
  "partner-acme": "partner-acme",
  "shop-canary": "shop",
  "shop-web": "shop",
};

/** inventory.yaml, as a person would write it. */
export const inventoryText = ({ database, keys, rotateAfter }: InventoryOptions): string =>
  stringify({
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
    policies: policies(rotateAfter),
    consumers: consumers.map(({ id, environment }) => ({
      id,
      identity: identityOf[id],
      environment,
      service: id,
      ...keys.get(id),
    })),
    credentials: allCredentials.map((one) => ({
      id: one.id,
      identity: one.identity,
      owner: "platform-team",
      purpose: one.purpose,
      environment: one.environment,
      issuer: { instance: issuer, settings: { group: one.group, database } },
      store: { store, document: one.id, fields: { [urlField]: urlTemplate } },
      consumers: one.consumers,
      policy: one.id === credentials.payments.id ? "services" : "others",
      ...(one.endsWith === undefined ? {} : { endsWith: one.endsWith }),
      exclusive: true,
    })),
  });

interface ConfigOptions {
  readonly layout: Layout;
  readonly port: number;
  readonly database: string;
  readonly adminFile: string;
  readonly storeKey: string;
}

/** rekey.yaml: one issuer, one store. */
export const configText = (options: ConfigOptions): string =>
  stringify({
    dataDir: options.layout.dataDir,
    socket: options.layout.socket,
    issuers: {
      [issuer]: {
        kind: "postgres-role",
        options: {
          admin: `file:${options.adminFile}`,
          endpoints: [{ name: "primary", host: "127.0.0.1", port: options.port }],
        },
        control: {
          settings: { group: controlGroup, database: options.database },
          store: { store, document: control.document, fields: { [urlField]: urlTemplate } },
        },
      },
    },
    stores: {
      [store]: {
        kind: "sealed-file",
        options: { root: options.layout.documents, identities: [`file:${options.storeKey}`] },
      },
    },
  });
