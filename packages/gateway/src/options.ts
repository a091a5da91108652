import type {
  EventSink,
  Fingerprinter,
  Issuer,
  IssuerId,
  IssuerSettings,
  Ledger,
  NewId,
  Store,
  StoreAddress,
  StoreId,
} from "@rekey/domain";
import type { Health, Log, WallClock } from "@rekey/runtime";

/** Where the control credential of one issuer instance is made and kept. */
export interface ControlDeclaration {
  readonly issuer: IssuerId;
  readonly settings: IssuerSettings;
  readonly store: StoreAddress;
}

/** What one real request to a part showed, and what to do when it failed. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next?: string;
  /** Nothing was asked from this process: neither well nor failed. */
  readonly skipped?: true;
}

export interface GatewayOptions {
  readonly ledger: Ledger;
  /** Reports are appended to `rekey.in.api` by it. */
  readonly sink: EventSink;
  readonly clock: WallClock;
  readonly newId: NewId;
  readonly fingerprint: Fingerprinter;
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  readonly stores: ReadonlyMap<StoreId, Store>;
  readonly controls: readonly ControlDeclaration[];
  readonly doctor: () => Promise<readonly DoctorCheck[]>;
  readonly health: Health;
  /** Whoever can open the socket acts as `local:<owner>`. */
  readonly owner: string;
  readonly log: Log;
  readonly build: string;
  /** Called after an input or a signal was recorded, so that work starts at once. */
  readonly onWork: () => void;
}

/** Every surface gets the options and the end of the gateway: long polls answer when it aborts. */
export interface GatewayParts extends GatewayOptions {
  readonly closing: AbortSignal;
}
