/** A keyed hash of a secret and how it was made: `hmac-sha256:<pepper id>`. Safe to store and to publish. */
export interface Fingerprint {
  readonly scheme: string;
  readonly value: string;
}

/**
 * What the domain may know of a secret. The class that guards the bytes is `Secret` in packages/secret;
 * `reveal()` is a lint error outside issuers, stores, packages/consumer and the adapters' connect.ts.
 */
export interface SecretValue {
  reveal(): string;
  equals(other: SecretValue): boolean;
}

/** What a consumer needs to use one version. Only `secret` is secret; `fields` are names and addresses. */
export interface Material {
  readonly fields: Readonly<Record<string, string>>;
  readonly secret: SecretValue;
}

/** Bound to the current pepper where the process is wired. */
export type Fingerprinter = (secret: SecretValue) => readonly Fingerprint[];
