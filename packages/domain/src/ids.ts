declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Inventory ids are the names people gave: `[a-z0-9][a-z0-9._-]{0,62}`. */
export type CredentialId = Branded<"CredentialId">;
export type IdentityId = Branded<"IdentityId">;
export type ConsumerId = Branded<"ConsumerId">;
export type PolicyName = Branded<"PolicyName">;
export type IssuerId = Branded<"IssuerId">;
export type StoreId = Branded<"StoreId">;

/** Everything Rekey opens by itself is a UUID version 7. */
export type CaseId = Branded<"CaseId">;
export type RotationId = Branded<"RotationId">;
export type WatchId = Branded<"WatchId">;
export type ObligationId = Branded<"ObligationId">;
export type SignalId = Branded<"SignalId">;
export type AuditEventId = Branded<"AuditEventId">;

const inventoryName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** True for a name that may become an inventory id. */
export const isInventoryName = (text: string): boolean => inventoryName.test(text);

/** Brands a string that was checked at the edge; the ledger's CHECK constraints hold the same shape. */
export const credentialId = (text: string): CredentialId => text as CredentialId;
export const identityId = (text: string): IdentityId => text as IdentityId;
export const consumerId = (text: string): ConsumerId => text as ConsumerId;
export const policyName = (text: string): PolicyName => text as PolicyName;
export const issuerId = (text: string): IssuerId => text as IssuerId;
export const storeId = (text: string): StoreId => text as StoreId;
export const caseId = (text: string): CaseId => text as CaseId;
export const rotationId = (text: string): RotationId => text as RotationId;
export const watchId = (text: string): WatchId => text as WatchId;
export const obligationId = (text: string): ObligationId => text as ObligationId;
export const signalId = (text: string): SignalId => text as SignalId;
export const auditEventId = (text: string): AuditEventId => text as AuditEventId;

/** Names one version everywhere outside the ledger: `payments-db#3`. */
export interface VersionRef {
  readonly credential: CredentialId;
  readonly version: number;
}

export const versionLabelText = (ref: VersionRef): string => `${ref.credential}#${ref.version}`;
