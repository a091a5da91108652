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
} from "@rekey/domain";
import type { SmallWorldOptions } from "./small-world.fixture.ts";

/** What a small world declares: its credentials, their consumers, and a control credential. */
export const inventoryOf = ({
  policy,
  consumers = [],
  credentials = [{}],
}: SmallWorldOptions): Inventory => ({
  identities: ["team", "rekey", "payments"].map((id) => ({
    id: identityId(id),
    kind: "service",
    aliases: [],
    active: true,
  })),
  policies: [{ name: policyName("standard"), ...policyDefaults, reversibleForMs: 0, ...policy }],
  consumers: consumers.map((id) => ({
    id: id as Consumer["id"],
    identity: identityId("payments"),
    environment: "production",
    service: id,
  })),
  grants: [],
  credentials: [...credentials.map((sketch) => credentialOf(sketch, consumers)), control],
});

const credentialOf = (sketch: Partial<Credential>, consumers: readonly string[]): Credential => ({
  id: credentialId("main"),
  identity: identityId("payments"),
  owner: identityId("team"),
  purpose: "a scenario",
  environment: "production",
  criticality: "normal",
  issuer: { instance: issuerId("accounts"), settings: {} },
  store: {
    store: storeId("shelf"),
    document: sketch.id ?? "main",
    fields: { username: "{username}", password: "{secret}" },
  },
  consumers: consumers as Credential["consumers"],
  policy: policyName("standard"),
  exclusive: true,
  protected: false,
  control: false,
  declared: true,
  ended: false,
  ...sketch,
});

const control = credentialOf(
  { id: credentialId("control"), identity: identityId("rekey"), control: true, consumers: [] },
  [],
);
