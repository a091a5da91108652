import type {
  Clock,
  EngineLog,
  Failpoint,
  Fingerprinter,
  Issuer,
  IssuerId,
  Lane,
  Ledger,
  NewAbort,
  NewId,
  Parallel,
  Randomness,
  Store,
  StoreId,
} from "@rekey/domain";

import type { ProviderShare } from "./provider-share.ts";

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
  /** What this process may ask of each provider at once; absent: no bound of its own. */
  readonly providerShare?: ProviderShare;
  readonly failpoint: Failpoint;
  readonly fingerprint: Fingerprinter;
  readonly log: EngineLog;
  /** Names this process in holds: host, pid and start. */
  readonly worker: string;
  /** When a proven death is probed again; the default is domain's `watchAfterMs`. */
  readonly watchDelaysMs: readonly number[];
}

/** The issuer of a credential as this process may ask it; undefined where it is not configured. */
export const issuerFor = (
  { issuers, providerShare }: Pick<EngineParts, "issuers" | "providerShare">,
  instance: IssuerId,
  lane: () => Lane,
): Issuer | undefined => {
  const issuer = issuers.get(instance);
  return issuer === undefined ? undefined : (providerShare?.limit(issuer, lane) ?? issuer);
};
