import {
  credentialId,
  identityId,
  issuerId,
  policyDefaults,
  policyName,
  storeId,
  type Consumer,
  type Credential,
  type Inventory,
  type Policy,
} from "@rekey/domain";

/** The group role of every credential of a scenario. */
export const group = "payments_group";

/** A credential as a scenario needs it: everything else has a plain default. */
export interface CredentialSketch {
  readonly id: string;
  readonly identity?: string;
  readonly environment?: string;
  readonly consumers?: readonly string[];
  readonly endsWith?: "deployment";
  readonly control?: boolean;
}

export const inventoryOf = (
  sketches: readonly CredentialSketch[],
  policy: Partial<Policy>,
  consumers: readonly Consumer[],
): Inventory => ({
  identities: [
    "team",
    "rekey",
    ...new Set(sketches.map((sketch) => sketch.identity ?? "payments")),
  ].map((id) => ({ id: identityId(id), kind: "service", aliases: [], active: true })),
  policies: [{ name: policyName("standard"), ...policyDefaults, reversibleForMs: 0, ...policy }],
  consumers,
  grants: [],
  credentials: sketches.map((sketch): Credential => ({
    id: credentialId(sketch.id),
    identity: identityId(sketch.identity ?? "payments"),
    owner: identityId("team"),
    purpose: "a scenario",
    environment: sketch.environment ?? "production",
    criticality: "normal",
    issuer: { instance: issuerId("payments-db"), settings: { group, database: "postgres" } },
    store: {
      store: storeId("local"),
      document: sketch.id,
      fields: { username: "{username}", password: "{secret}" },
    },
    consumers: consumers
      .filter((consumer) => sketch.consumers?.includes(consumer.id) === true)
      .map((consumer) => consumer.id),
    policy: policyName("standard"),
    exclusive: true,
    protected: false,
    control: sketch.control === true,
    declared: true,
    ended: false,
    ...(sketch.endsWith === undefined ? {} : { endsWith: sketch.endsWith }),
  })),
});
