import type { Clock } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import type { Deadline } from "./deadline.ts";
import type { VaultError } from "./error.ts";

/** One token and how long it lives. */
export interface Lease {
  readonly token: Secret;
  /** Undefined: it does not end by itself. */
  readonly ttlMs: number | undefined;
  readonly renewable: boolean;
}

/** How tokens are got, kept alive and ended; each call has a deadline of its own. */
export interface Credentials {
  login(): Promise<Lease>;
  renew(token: Secret): Promise<Lease>;
  /** Ends a token that `login` made; does nothing for one that was given. */
  revoke(token: Secret): Promise<void>;
}

/** The token to send now. At most one login is in flight, and all who wait share it. */
export interface Session {
  token(end: Deadline): Promise<Secret>;
  /** Vault does not know this token any more. True: ask for another one and try again. */
  refused(token: Secret): void;
  close(): Promise<void>;
}

// Renewed when a third is left; a renewal that gives less than a third of the first length is near its end for good.
const renewAt = 2 / 3;
const worthRenewing = 1 / 3;
const againMs = 5_000;

interface Held extends Lease {
  readonly endsAt: number;
  /** Length at login: what a renewal is measured by. */
  readonly firstMs: number;
}

export const createSession = (credentials: Credentials, clock: Clock): Session => {
  let held: Held | undefined;
  let login: Promise<Secret> | undefined;
  let cancelTimer = (): void => {};
  let closed = false;

  const keep = (lease: Lease, firstMs: number): Secret => {
    const ttlMs = lease.ttlMs ?? Infinity;
    held = { ...lease, endsAt: clock.monotonicMs() + ttlMs, firstMs };
    cancelTimer();
    if (lease.ttlMs !== undefined && !closed) wakeIn(lease.ttlMs * renewAt);
    return lease.token;
  };
  const wakeIn = (milliseconds: number): void => {
    cancelTimer = clock.after(milliseconds, () => void freshen());
  };
  const loginOnce = (): Promise<Secret> => {
    login ??= credentials
      .login()
      .then((lease) => keep(lease, lease.ttlMs ?? Infinity))
      .finally(() => {
        login = undefined;
      });
    return login;
  };
  const freshen = async (): Promise<void> => {
    const before = held;
    if (before === undefined || closed) return;
    const renewed = before.renewable ? await renewedOrNone(credentials, before) : undefined;
    if (renewed !== undefined && held === before) return void keep(renewed, before.firstMs);
    // Until the token's end it is tried again; afterwards the next call logs in.
    const isOver = clock.monotonicMs() >= before.endsAt;
    await loginOnce().catch(() => (isOver || closed ? undefined : wakeIn(againMs)));
  };
  return {
    token: async (end) => {
      if (held !== undefined && clock.monotonicMs() < held.endsAt) return held.token;
      return end.race(loginOnce());
    },
    refused: (token) => {
      if (held?.token !== token) return;
      held = undefined;
      cancelTimer();
    },
    close: async () => {
      closed = true;
      cancelTimer();
      await login?.catch(() => {});
      const last = held;
      held = undefined;
      cancelTimer();
      if (last !== undefined) await credentials.revoke(last.token).catch(() => {});
    },
  };
};

const renewedOrNone = async (
  credentials: Credentials,
  { token, firstMs }: Held,
): Promise<Lease | undefined> => {
  const lease = await credentials.renew(token).catch((_refusal: VaultError) => {});
  if (lease?.ttlMs === undefined) return undefined;
  return lease.ttlMs >= firstMs * worthRenewing ? lease : undefined;
};
