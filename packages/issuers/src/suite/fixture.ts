import type { Issuer, IssuerSettings, Material } from "@rekey/domain";

/** Something made with a version's material that outlives it: a session, a token. */
interface Derived {
  alive(): Promise<boolean>;
}

/** `lost`: the connection is cut. `silent`: no answer, ever. */
export type ReplyFault = "lost" | "silent";

/** One issuer on one provider, fake or real, and the powers that a test has over that provider. */
export interface IssuerFixture {
  readonly issuer: Issuer;
  /** Settings in which every field is wrong, and the fields that must be named. */
  readonly badSettings: { readonly settings: unknown; readonly paths: readonly string[] };
  /** Settings of a scope that nothing else uses. */
  readonly scope: () => Promise<IssuerSettings>;
  /** A live principal in the scope that Rekey did not make; with a name, where the issuer lets one choose. */
  readonly addForeign: (settings: IssuerSettings, principal?: string) => Promise<string>;
  readonly derive?: (material: Material) => Promise<Derived>;
  /** The `nth` effect from now is done and its reply is `lost` (cut) or never comes (`silent`). */
  readonly failReply: (fault: ReplyFault, nth: number) => Promise<void>;
  /** No fault is waiting any more; true when it had not struck yet. */
  readonly healReplies: () => Promise<boolean>;
  /** Takes the permission to change versions from Rekey, or gives it back. */
  readonly denyEffects: (denied: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}
