import type { Capabilities, ProbeStrength } from "../capabilities.ts";
import type { CredentialId, IssuerId, RotationId, VersionRef } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Call } from "./call.ts";
import type { LoginRisk } from "./login-risk.ts";
import type { Material } from "./secret-value.ts";

/** Written into the provider's own metadata (comment, tag, name) where the provider allows it. */
export interface Mark {
  readonly credential: CredentialId;
  readonly version: number;
  readonly rotation: RotationId;
}

/** The issuer's own settings of one credential, checked by `checkSettings` at `apply`. */
export type IssuerSettings = Readonly<Record<string, unknown>>;

/** A try that has gone as far as it goes without showing an answer. */
export interface PreparedProbe {
  /**
   * Goes to its end: what the provider decides after this was called, never what it decided before. Once.
   * Throws Fault as `probe` does.
   */
  finish(call: Call): Promise<ProbeReply>;
  /** Leaves it where it is not finished. Any number of times, also after its end. */
  drop(): void;
}

/** Names one version at the provider. `principal` is the provider's name for it (a role, a key id, an accessor). */
export interface ProviderVersion {
  readonly ref: VersionRef;
  readonly principal: string;
  readonly settings: IssuerSettings;
  /** The rotation that minted it, where known: a mark of another one is another installation's. */
  readonly rotation?: RotationId;
}

export interface ProviderEntry {
  readonly principal: string;
  readonly mark?: Mark;
  readonly state: "valid" | "suspended";
  /** By the provider's clock, where it tells. */
  readonly createdAt?: Instant;
  readonly lastUsedAt?: Instant;
  /** Open sessions or live tokens derived from it, where countable. */
  readonly derivedAlive?: number;
}

/** Everything alive at the provider in the credential's scope (its group role, its IAM user, its AppRole). */
export interface ProviderListing {
  readonly entries: readonly ProviderEntry[];
  /** False when the provider could not show everything; never conclude absence from an incomplete list. */
  readonly complete: boolean;
}

/** A provider's reply to one login. `unknown` is not dead: timeouts, refused connections, overload. */
export interface ProbeReply {
  readonly answer: "dead" | "alive" | "unknown";
  readonly strength: ProbeStrength;
  /** The provider's own code, e.g. SQLSTATE `28000`. Never free text that could quote a secret. */
  readonly code: string;
  /** The configured endpoint this was tried at. */
  readonly vantage: string;
}

export interface MintRequest {
  readonly ref: VersionRef;
  readonly mark: Mark;
  readonly settings: IssuerSettings;
  /** The staged value, where Rekey chooses the secret; absent where the issuer does. */
  readonly material?: Material;
  /** Whose privileges, settings and memberships the new version gets. */
  readonly likePrincipal?: string;
}

export interface Minted {
  readonly principal: string;
  /** Present where the issuer chose the secret: shown once, staged under the same claim. */
  readonly material?: Material;
  readonly outcome: "created" | "adopted";
}

/** How many sessions or tokens derived from a version a call ended; each is counted by the call that ended it. */
export interface Ended {
  readonly ended: number;
}

/** One difference between what the old version may do and what the new one may. */
export interface PrivilegeDifference {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

export interface SettingsProblem {
  readonly path: string;
  readonly reason: string;
}

/** What of one credential its rotation touches at the provider. */
interface RightsQuestion {
  readonly settings: IssuerSettings;
  /** Of versions that live: what made them may have been another login of Rekey's. */
  readonly principals: readonly string[];
}

/** In the provider's own words: what is not granted, and what grants it. */
interface MissingRight {
  readonly right: string;
  readonly grant: string;
}

/**
 * Mints, suspends, revokes and probes at the source of authority. All methods are idempotent under
 * `call.key` and for the same version; "not found" on suspend, sweep and revoke is success.
 * Throws Fault only: `PROVIDER_*`, or PROOF_STILL_ALIVE where what was derived could not all be ended yet. Never
 * includes a secret in one.
 */
export interface Issuer {
  readonly kind: string;
  readonly instance: IssuerId;
  readonly capabilities: Capabilities;
  /** Configured endpoints: proof of death and verify ask every one. */
  readonly vantages: readonly string[];
  checkSettings(settings: unknown): readonly SettingsProblem[];
  /** The principal a version will get, known before the mint intent is committed; undefined where the issuer chooses it. */
  principalOf(ref: VersionRef, settings: IssuerSettings): string | undefined;
  /** A fresh value for a version (secretChosenBy rekey). No provider effect: nothing leaves the process. */
  propose(ref: VersionRef, settings: IssuerSettings): Promise<Material>;
  mint(request: MintRequest, call: Call): Promise<Minted>;
  list(credential: CredentialId, settings: IssuerSettings, call: Call): Promise<ProviderListing>;
  /** Where `canSuspend`: stops the version; answers how much of what was derived from it ended with that. */
  suspend(version: ProviderVersion, call: Call): Promise<Ended>;
  reinstate(version: ProviderVersion, call: Call): Promise<void>;
  /** Ends what was derived from the version; answers how many it ended. */
  sweep(version: ProviderVersion, call: Call): Promise<Ended>;
  /** Ends the version for good, and what was derived from it; answers how much of that it ended. */
  revoke(version: ProviderVersion, call: Call): Promise<Ended>;
  /** A real use of the material from outside, at one vantage. */
  probe(material: Material, vantage: string, call: Call): Promise<ProbeReply>;
  /**
   * Begins a probe whose answer is wanted soon: answers at once and never fails, opens one connection, which ends by
   * itself within the call's deadline. Absent where a try has no beginning of its own; undefined where it cannot begin.
   */
  prepareProbe?(material: Material, vantage: string, call: Call): PreparedProbe | undefined;
  /**
   * The negative control, made from what is let in: the same login with a value of nobody. Where a refused login may
   * lock its name, a login that nobody has: trying it locks nobody out.
   */
  bogus(material: Material): Material;
  /** Empty when the new version may do exactly what the old one may. */
  comparePrivileges(
    older: ProviderVersion,
    newer: ProviderVersion,
    call: Call,
  ): Promise<readonly PrivilegeDifference[]>;
  /** One real, harmless request with Rekey's own credential: for `doctor` and the provider gate. Throws Fault. */
  check(call: Call): Promise<void>;
  /**
   * What Rekey's own credential is not granted of all that a rotation does to such a credential; it only asks. Absent
   * where the provider cannot tell.
   */
  missingRights?(asked: RightsQuestion, call: Call): Promise<readonly MissingRight[]>;
  /**
   * What could end Rekey's own login there, and the command against it: for `doctor`. Undefined where nothing could, absent
   * where nothing can be asked. Throws Fault.
   */
  loginRisk?(call: Call): Promise<LoginRisk | undefined>;
  close(): Promise<void>;
}
