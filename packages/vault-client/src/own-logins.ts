import { randomBytes } from "node:crypto";
import type { Clock } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { VaultError } from "./error.ts";

/**
 * Logins of Rekey's own, for every client of a process: what Vault refused is not tried again by each of them, as five
 * refused logins in a row lock a role for right secret ids too.
 */
export interface OwnLogins {
  /**
   * Answers what `login` does, which ends by a deadline of its own: one runs at a time, and all others wait their turn. A
   * secret that was just refused is refused again without asking, for 1 s at first and 15 s at most. Another secret is
   * tried at its turn.
   */
  attempt<Value>(name: string, secret: Secret, login: () => Promise<Value>): Promise<Value>;
}

const firstPauseMs = 1_000;
const pauseMaxMs = 15_000;
const keyBytes = 32;

interface Refused {
  /** Recognises the secret; of no use outside this object. */
  readonly mark: string;
  readonly error: VaultError;
  readonly pauseMs: number;
  readonly untilMs: number;
}

interface Login {
  /** Ends when the one attempt that runs does, and never rejects; undefined while none runs. */
  underWay?: Promise<void> | undefined;
  refused?: Refused | undefined;
}

export const createOwnLogins = (clock: Pick<Clock, "monotonicMs">): OwnLogins => {
  const pepper = { id: "own-logins", key: Secret.fromBytes(randomBytes(keyBytes)) };
  const logins = new Map<string, Login>();
  const loginOf = (name: string): Login => {
    const known = logins.get(name) ?? {};
    logins.set(name, known);
    return known;
  };
  const refuse = ({ refused }: Login, mark: string): void => {
    if (refused?.mark === mark && clock.monotonicMs() < refused.untilMs) throw refused.error;
  };
  const hear = (known: Login, mark: string, error: unknown): void => {
    if (!isRefusedLogin(error)) return;
    const { refused } = known;
    const again = refused?.mark === mark ? refused.pauseMs * 2 : firstPauseMs;
    const pauseMs = Math.min(pauseMaxMs, again);
    known.refused = { mark, error, pauseMs, untilMs: clock.monotonicMs() + pauseMs };
  };
  return {
    attempt: async (name, secret, login) => {
      const known = loginOf(name);
      const { value: mark } = secret.fingerprint(pepper);
      refuse(known, mark);
      // Each round is one login of somebody else's, so there are as many as clients that wait, and no more.
      while (known.underWay !== undefined) {
        await known.underWay;
        refuse(known, mark);
      }
      const trying = login().then(
        (value) => {
          known.refused = undefined;
          return value;
        },
        (error: unknown) => {
          hear(known, mark, error);
          throw error;
        },
      );
      // Cleared before those who wait look again: the first of them is the next.
      const clear = (): void => {
        known.underWay = undefined;
      };
      known.underWay = trying.then(clear, clear);
      return await trying;
    },
  };
};

/** True for Vault's answer that it does not let Rekey in: the one error that says something about the secret. */
const isRefusedLogin = (error: unknown): error is VaultError =>
  error instanceof VaultError && error.kind === "dead-token";
