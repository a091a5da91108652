import type { Call, Instant, LoginRisk, SecretValue } from "@rekey/domain";
import type { Secret } from "@rekey/secret";

/** What of a role decides whether a secret id of it can be rotated. Its bounds hold for every secret id. */
export interface RoleFacts extends Bounds {
  readonly roleId: string;
  readonly bindSecretId: boolean;
  /** Zero: a secret id may be used any number of times. */
  readonly secretIdNumUses: number;
  /** `batch` tokens can be neither listed nor revoked. */
  readonly tokenType: string;
}

/** Where a secret id, and the tokens that come from it, may be used from; empty: from anywhere. */
export interface Bounds {
  readonly cidrs: readonly string[];
  readonly tokenCidrs: readonly string[];
}

export interface SecretIdFacts extends Bounds {
  readonly accessor: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  /** Undefined where it has no end. Vault removes it up to a minute later; until then it logs in. */
  readonly expiresAt: Instant | undefined;
  /** Logins left; zero: any number. */
  readonly numUses: number;
}

export interface NewSecretId {
  readonly accessor: string;
  readonly value: Secret;
}

export interface SecretIdSpec extends Bounds {
  readonly role: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One secret id of one role. */
export interface SecretIdName {
  readonly role: string;
  readonly accessor: string;
}

export interface LoginRequest {
  readonly vantage: string;
  readonly roleId: string;
  readonly secretId: SecretValue;
}

/** `code`: an HTTP status, a network code or a word; never a text of the answer. */
export type LoginAnswer =
  | { readonly answer: "accepted"; readonly token: string | undefined }
  | { readonly answer: "refused" | "unknown"; readonly code: string };

/** What a rotation asks for at one path, and what Rekey's own token may do there. */
export interface PathRights {
  readonly path: string;
  readonly needed: readonly string[];
  readonly granted: readonly string[];
}

/** The calls to Vault that this issuer makes. Every method throws VaultError only. */
export interface AppRoleServer {
  /** `not-found` without such a role. */
  role(role: string, call: Call): Promise<RoleFacts>;
  create(spec: SecretIdSpec, call: Call): Promise<NewSecretId>;
  /** As the active node has them; `invalid` without such a role. */
  accessors(role: string, call: Call): Promise<readonly string[]>;
  /** Undefined when it is gone, its role too, or when it is of another role. */
  secretId(name: SecretIdName, call: Call): Promise<SecretIdFacts | undefined>;
  /** What is gone is destroyed. */
  destroy(name: SecretIdName, call: Call): Promise<void>;
  /** Of every token of the namespace. */
  tokenAccessors(call: Call): Promise<readonly string[]>;
  /** The metadata of a token's login; undefined when the token is gone. */
  tokenMetadata(
    accessor: string,
    call: Call,
  ): Promise<Readonly<Record<string, string>> | undefined>;
  /** False when it was gone. Its children end with it. */
  revokeToken(accessor: string, call: Call): Promise<boolean>;
  /** Of every path that rotating a secret id of this role uses. */
  rights(role: string, call: Call): Promise<readonly PathRights[]>;
  /** Whether the mount's own settings switch user lockout off. */
  lockoutDisabled(call: Call): Promise<boolean>;
  /** What could end Rekey's own login, and the command against it. */
  loginRisk(call: Call): Promise<LoginRisk | undefined>;
  /** A login from outside. What cannot be told is `unknown`; nothing is thrown. */
  login(request: LoginRequest, call: Call): Promise<LoginAnswer>;
  close(): Promise<void>;
}
