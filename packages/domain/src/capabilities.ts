/** How versions of one credential coexist at the issuer. */
export const strategies = ["dual", "alternating", "in-place"] as const;
export type Strategy = (typeof strategies)[number];

export const secretChoosers = ["rekey", "issuer", "holder"] as const;
export type SecretChooser = (typeof secretChoosers)[number];

/** `strong` answers name the disabled credential; `weak` ones are the generic refusal. */
export const probeStrengths = ["strong", "weak"] as const;
export type ProbeStrength = (typeof probeStrengths)[number];

/** What an issuer can do, as data: it drives plans, documents and the console. */
export interface Capabilities {
  readonly strategy: Strategy;
  /** Live versions the provider allows at once; absent means no limit of its own. */
  readonly versionsMax?: number;
  readonly secretChosenBy: SecretChooser;
  readonly canSuspend: boolean;
  readonly canMark: boolean;
  readonly canEnumerate: boolean;
  readonly canProbe: boolean;
  readonly probeAnswer: ProbeStrength;
  readonly probeCountsAsFailedLogin: boolean;
  /** Longest time a change needs to be true everywhere at the provider. */
  readonly propagationMs: number;
  /** What lives on after the credential is gone and has to be swept: sessions, tokens. */
  readonly derived: readonly string[];
  readonly canSweep: boolean;
}

export interface StoreCapabilities {
  /** The store has labels of its own; otherwise pending lives at its own path. */
  readonly labels: boolean;
  /** A version can be destroyed so that nobody reads it again. */
  readonly canDestroy: boolean;
  /** Values are sealed to named readers. */
  readonly sealedToReaders: boolean;
}
