import type { Clock } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import type { Deadline } from "./deadline.ts";
import { VaultError } from "./error.ts";

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
  /** Vault does not know this token any more: the next `token` is another one. */
  refused(token: Secret): void;
  close(): Promise<void>;
}

// Renewed when a third is left; a renewal that gives less than a third of the first length is near its end for good.
const renewAt = 2 / 3;
const worthRenewing = 1 / 3;
const againMs = 5_000;
// A login that is under way is waited for, so that its token is ended too.
const closeMs = 2_000;

interface Held extends Lease {
  readonly endsAt: number;
  /** Length at login: what a renewal is measured by. */
  readonly firstMs: number;
}

export const createSession = (credentials: Credentials, clock: Clock): Session => {
  let held: Held | undefined;
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
  const login = sharedWork(async () => {
    if (closed) throw new VaultError({ kind: "unreachable", providerCode: "CLOSED" });
    const lease = await credentials.login();
    return keep(lease, lease.ttlMs ?? Infinity);
  });
  const freshen = async (): Promise<void> => {
    const before = held;
    if (before === undefined || closed) return;
    const renewed = before.renewable ? await renewedOrNone(credentials, before) : undefined;
    if (renewed !== undefined && held === before) return void keep(renewed, before.firstMs);
    // Until the token's end it is tried again; afterwards the next call logs in.
    const isOver = clock.monotonicMs() >= before.endsAt;
    await login.run().catch(() => (isOver || closed ? undefined : wakeIn(againMs)));
  };
  const letGo = (): Held | undefined => {
    const last = held;
    held = undefined;
    cancelTimer();
    return last;
  };
  return {
    token: async (end) => {
      if (held !== undefined && clock.monotonicMs() < held.endsAt) return held.token;
      return end.race(login.run());
    },
    refused: (token) => {
      if (held?.token === token) letGo();
    },
    close: async () => {
      closed = true;
      cancelTimer();
      await within(clock, closeMs, login.underWay());
      const last = letGo();
      if (last !== undefined) await credentials.revoke(last.token).catch(() => {});
    },
  };
};

/** Work that is done once for all who ask while it runs. */
const sharedWork = <Value>(work: () => Promise<Value>) => {
  let running: Promise<Value> | undefined;
  return {
    run: (): Promise<Value> => {
      running ??= work().finally(() => {
        running = undefined;
      });
      return running;
    },
    /** Ends when it does, however it ends. */
    underWay: async (): Promise<void> => {
      await running?.catch(() => {});
    },
  };
};

const within = async (
  clock: Clock,
  milliseconds: number,
  work: Promise<unknown>,
): Promise<void> => {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(milliseconds, over.resolve);
  await Promise.race([work, over.promise]);
  cancel();
};

const renewedOrNone = async (
  credentials: Credentials,
  { token, firstMs }: Held,
): Promise<Lease | undefined> => {
  const lease = await credentials.renew(token).catch((_refusal: VaultError) => {});
  if (lease?.ttlMs === undefined) return undefined;
  return lease.ttlMs >= firstMs * worthRenewing ? lease : undefined;
};
