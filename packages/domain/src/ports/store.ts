import type { StoreCapabilities } from "../capabilities.ts";
import type { RotationId, StoreId, VersionRef } from "../ids.ts";
import type { Call } from "./call.ts";
import type { LoginRisk } from "./login-risk.ts";
import type { Material } from "./secret-value.ts";

/**
 * Where a credential's value is kept: a document and the fields in it that are ours. A field's template is
 * filled from the material: `{secret}` and any name of `material.fields`; inside a template that starts with
 * a URL scheme the values are percent-encoded. Sibling fields are never touched.
 */
export interface StoreAddress {
  readonly store: StoreId;
  readonly document: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface StagedVersion {
  readonly ref: VersionRef;
  readonly rotation: RotationId;
  /** Monotonic per credential: a store that shows a higher one than the ledger is ahead of it (LEDGER_BEHIND_WORLD). */
  readonly rotationNumber: number;
  readonly material: Material;
  /** Public keys of those who may read (sealed stores). Rekey's own is always added. */
  readonly readers: readonly string[];
}

export interface StoredVersion {
  readonly version: number;
  readonly rotation: RotationId;
  readonly rotationNumber: number;
  readonly material: Material;
}

/** What the store holds of one credential. */
export interface StoreLabels {
  readonly current?: number;
  readonly pending?: number;
  readonly versions: readonly { readonly version: number; readonly rotationNumber: number }[];
}

export interface PromoteRequest {
  readonly ref: VersionRef;
  /** The version that must be current now (undefined: none): compare-and-set. */
  readonly from: number | undefined;
  readonly readers: readonly string[];
}

/**
 * Keeps versions and the current label. A reader that knows nothing of Rekey sees the old value until
 * `promote` returns. Idempotent; writes to one document are serialised. Throws Fault only (`STORE_*`).
 */
export interface Store {
  readonly kind: string;
  readonly instance: StoreId;
  readonly capabilities: StoreCapabilities;
  checkAddress(address: unknown): readonly { readonly path: string; readonly reason: string }[];
  /** Keeps the value as pending. The same version again is a no-op that answers `adopted`; the kept value wins. */
  stage(
    address: StoreAddress,
    staged: StagedVersion,
    call: Call,
  ): Promise<{ readonly outcome: "created" | "adopted" }>;
  read(address: StoreAddress, ref: VersionRef, call: Call): Promise<StoredVersion | undefined>;
  labels(
    address: StoreAddress,
    ref: Pick<VersionRef, "credential">,
    call: Call,
  ): Promise<StoreLabels>;
  /** `conflict` when another version is current than `from` said; nothing was changed then. `already` when `ref` is current. */
  promote(
    address: StoreAddress,
    request: PromoteRequest,
    call: Call,
  ): Promise<"promoted" | "already" | "conflict">;
  /** Forgets one version for ever; the current one is refused with a Fault. */
  destroy(address: StoreAddress, ref: VersionRef, call: Call): Promise<void>;
  check(call: Call): Promise<void>;
  /**
   * What could end Rekey's own login there, and the command against it: for `doctor`. Undefined where nothing could, absent
   * where nothing can be asked. Throws Fault.
   */
  loginRisk?(call: Call): Promise<LoginRisk | undefined>;
  close(): Promise<void>;
}
