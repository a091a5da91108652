import type { ConsumerId, CredentialId, IdentityId, IssuerId, PolicyName } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { IssuerSettings } from "./ports/issuer.ts";
import type { StoreAddress } from "./ports/store.ts";
import type { Policy } from "./policy.ts";

export const identityKinds = ["service", "workload", "partner", "agent", "job", "person"] as const;
export type IdentityKind = (typeof identityKinds)[number];

/** The human or non-human actor that owns or uses credentials. */
export interface Identity {
  readonly id: IdentityId;
  readonly kind: IdentityKind;
  readonly owner?: IdentityId;
  /** Names by which feeds know it: `{scheme, value}` as in a signal's subject. */
  readonly aliases: readonly { readonly scheme: string; readonly value: string }[];
  readonly active: boolean;
}

export const criticalities = ["normal", "critical"] as const;
export type Criticality = (typeof criticalities)[number];

export const endings = ["deployment", "job"] as const;
export type Ending = (typeof endings)[number];

/** The thing that is rotated. */
export interface Credential {
  readonly id: CredentialId;
  readonly identity: IdentityId;
  readonly owner: IdentityId;
  readonly purpose: string;
  readonly environment: string;
  readonly criticality: Criticality;
  readonly issuer: { readonly instance: IssuerId; readonly settings: IssuerSettings };
  /** Absent where the holder keeps the private half. */
  readonly store?: StoreAddress;
  readonly consumers: readonly ConsumerId[];
  readonly policy: PolicyName;
  /** Ends with the work it was made for. */
  readonly endsWith?: Ending;
  /** The provider principal is used by Rekey's versions only, so absence from the baseline may mean ours. */
  readonly exclusive: boolean;
  /** One of the credentials Rekey acts with: never suspended without a verified spare and a person. */
  readonly protected: boolean;
  /** The control credential of its issuer instance: never a case's subject. */
  readonly control: boolean;
  /** False once it vanished from the inventory: reported as undeclared, never retired by that. */
  readonly declared: boolean;
  /** No successor is ever wanted again: its identity, service or job ended. */
  readonly ended: boolean;
}

/** A workload that uses credentials. */
export interface Consumer {
  readonly id: ConsumerId;
  readonly identity: IdentityId;
  readonly environment: string;
  /** The name deployment events use. */
  readonly service: string;
  /** Public JWK (Ed25519): acknowledgements signed by it count. Absent: its moves are noted, never counted. */
  readonly signingKey?: Readonly<Record<string, unknown>>;
  /** Public key that sealed stores write to. */
  readonly reader?: string;
}

/** Permission for one consumer to use one credential for one purpose. */
export interface Grant {
  readonly consumer: ConsumerId;
  readonly credential: CredentialId;
  readonly purpose: string;
  readonly owner: IdentityId;
  readonly approver?: IdentityId;
  readonly until?: Instant;
}

/** A process of a consumer, such as a pod, by the name that it gives itself. */
export interface InstanceName {
  readonly consumer: ConsumerId;
  readonly instance: string;
}

/** A consumer's instance and the version it says it uses. */
export interface InstanceSighting extends InstanceName {
  readonly lastSeenAt: Instant;
  readonly version?: number;
  readonly acknowledgedAt?: Instant;
  /** Signed by the consumer's own key: only then it counts. */
  readonly counted: boolean;
}

/** A whole inventory.yaml after parsing. */
export interface Inventory {
  readonly identities: readonly Identity[];
  readonly credentials: readonly Credential[];
  readonly consumers: readonly Consumer[];
  readonly grants: readonly Grant[];
  readonly policies: readonly Policy[];
}
