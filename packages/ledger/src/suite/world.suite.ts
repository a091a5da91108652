import {
  consumerId,
  credentialId,
  identityId,
  issuerId,
  localActor,
  policyDefaults,
  policyName,
  storeId,
  type Actor,
  type Capabilities,
  type Consumer,
  type Credential,
  type Identity,
  type Inventory,
  type Ledger,
  type Policy,
} from "@rekey/domain";

/** A ledger under test, and a way to let its time pass. */
export interface LedgerWorld {
  readonly ledger: Ledger;
  /** Everything recorded so far is this much older afterwards. */
  readonly elapse: (milliseconds: number) => Promise<void>;
}

/** A world whose ledger can be found in another PostgreSQL than before, as after a restore or a failover. */
export interface MovableWorld extends LedgerWorld {
  readonly move: (to: "another-system" | "another-timeline") => Promise<void>;
}

export const person: Actor = localActor("ada");

export const capabilities: Capabilities = {
  strategy: "dual",
  secretChosenBy: "rekey",
  canSuspend: true,
  canMark: true,
  canEnumerate: true,
  canProbe: true,
  probeAnswer: "strong",
  probeCountsAsFailedLogin: false,
  propagationMs: 0,
  derived: [],
  canSweep: true,
};

export const issuer = issuerId("pg-main");
export const paymentsDb = credentialId("payments-db");
export const ordersDb = credentialId("orders-db");
export const paymentsApi = consumerId("payments-api");

const identity = (
  id: string,
  kind: Identity["kind"],
  aliases: Identity["aliases"] = [],
): Identity => ({
  id: identityId(id),
  kind,
  aliases,
  active: true,
});

export const policy: Policy = {
  ...policyDefaults,
  name: policyName("standard"),
  rotateAfterMs: 86_400_000,
  onExposure: "contain-first",
};

export const credential = (id: string, given: Partial<Credential> = {}): Credential => ({
  id: credentialId(id),
  identity: identityId("payments"),
  owner: identityId("platform"),
  purpose: "the application's login",
  environment: "production",
  criticality: "normal",
  issuer: { instance: issuer, settings: { group: "app" } },
  store: { store: storeId("files"), document: `${id}.env`, fields: { PASSWORD: "{secret}" } },
  consumers: [paymentsApi],
  policy: policy.name,
  exclusive: true,
  protected: false,
  control: false,
  declared: true,
  ended: false,
  ...given,
});

const consumer = (id: string, service: string): Consumer => ({
  id: consumerId(id),
  identity: identityId("payments"),
  environment: "production",
  service,
});

export const inventory = (given: Partial<Inventory> = {}): Inventory => ({
  identities: [
    identity("payments", "service"),
    identity("platform", "person"),
    identity("partner-acme", "partner", [{ scheme: "scim", value: "acme-17" }]),
  ],
  policies: [policy],
  consumers: [consumer("payments-api", "payments"), consumer("orders-api", "orders")],
  credentials: [
    credential("payments-db"),
    credential("orders-db", { consumers: [consumerId("orders-api")] }),
    credential("pg-main-control", { control: true, consumers: [] }),
  ],
  grants: [],
  ...given,
});

/** The inventory applied and everything allowed to act. */
export const prepare = async (
  { ledger }: LedgerWorld,
  given: Partial<Inventory> = {},
): Promise<void> => {
  await ledger.applyInventory({ inventory: inventory(given), actor: person, reason: "set up" });
  const setting = { scope: "everything", name: "", mode: "act" } as const;
  await ledger.setMode({ setting, actor: person, reason: "set up" });
};
