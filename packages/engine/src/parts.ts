import type {
  Clock,
  EngineLog,
  Failpoint,
  Fingerprinter,
  Issuer,
  IssuerId,
  Ledger,
  NewAbort,
  NewId,
  Parallel,
  Randomness,
  Store,
  StoreId,
} from "@rekey/domain";

/** Everything the engine touches, as ports: the same code in production, in one process, simulated. */
export interface EngineParts {
  readonly ledger: Ledger;
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  readonly stores: ReadonlyMap<StoreId, Store>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: Randomness;
  readonly newAbort: NewAbort;
  readonly parallel: Parallel;
  readonly failpoint: Failpoint;
  readonly fingerprint: Fingerprinter;
  readonly log: EngineLog;
  /** Names this process in holds: host, pid and start. */
  readonly worker: string;
  /** When a proven death is probed again; the default is domain's `watchAfterMs`. */
  readonly watchDelaysMs: readonly number[];
}
