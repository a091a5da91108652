import type { Clock } from "@rekey/domain";
import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type CryptoKey,
} from "jose";
import { KeysFault, type KeySource } from "./key-source.ts";

export interface KeySetTimes {
  /** Known keys are used this long without asking again. */
  readonly freshMs: number;
  /** When asking again fails, known keys are used this long all the same. */
  readonly staleMs: number;
  /** A key that is not known is asked for no more often than this. */
  readonly unknownMs: number;
}

/** Keys over the network: an issuer that rotates publishes the next key before it signs with it. */
export const remoteTimes: KeySetTimes = {
  freshMs: 5 * 60_000,
  staleMs: 60 * 60_000,
  unknownMs: 30_000,
};
/** Keys of a file: to look again costs next to nothing. */
export const fileTimes: KeySetTimes = { freshMs: 2_000, staleMs: 60_000, unknownMs: 500 };

/** After a failure nobody asks for this long. */
const failedMs = 2_000;

interface Held {
  readonly find: KeySet;
  readonly at: number;
}

/** The key of one token. Throws KeysFault while no keys can be had, jose's errors for a key that is not there. */
export type KeySet = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

const localKeys = (set: JSONWebKeySet): KeySet => {
  const find = createLocalJWKSet(set);
  return async (header, token) => await find(header, token);
};

interface KeySetOptions {
  readonly source: KeySource;
  readonly clock: Clock;
  readonly times: KeySetTimes;
}

/** Keys of one issuer: kept, asked for again within bounds, by one request at a time. */
export const createKeySet = ({ source, clock, times }: KeySetOptions): KeySet => {
  let held: Held | undefined;
  let failed: { readonly error: KeysFault; readonly at: number } | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const at = clock.monotonicMs();
    try {
      held = { find: localKeys(await source()), at };
      failed = undefined;
    } catch (error) {
      const known = error instanceof KeysFault ? error : new KeysFault("NO_KEY_SET");
      failed = { error: known, at: clock.monotonicMs() };
    }
  };
  const renew = async (olderMs: number): Promise<void> => {
    const now = clock.monotonicMs();
    if (held !== undefined && now - held.at < olderMs) return;
    if (failed !== undefined && now - failed.at < failedMs) return;
    asking ??= ask().finally(() => (asking = undefined));
    await asking;
  };
  const usable = (): Held["find"] => {
    if (held !== undefined && clock.monotonicMs() - held.at < times.staleMs) return held.find;
    throw failed?.error ?? new KeysFault("UNREADABLE");
  };

  return async (header, token) => {
    await renew(times.freshMs);
    try {
      return await usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await renew(times.unknownMs);
    // Its key may be one that was published since: while nobody can tell, it is not refused.
    if (failed !== undefined) throw failed.error;
    return await usable()(header, token);
  };
};
