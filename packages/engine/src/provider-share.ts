import type { Call, Clock, Issuer, IssuerId, Lane } from "@rekey/domain";

/** This process's share of calls is in use, and none ended in time. Nothing was asked; nothing failed. */
export class ProviderBusy extends Error {
  constructor() {
    super("this process's share of calls to the provider is in use");
    this.name = "ProviderBusy";
  }
}

/** Above what one process by itself can have under way: only several are bounded. */
const callsMaxDefault: Readonly<Record<Lane, number>> = { urgent: 32, planned: 64, sweep: 8 };

/** A call waits this long for its place: a pause must reach the worker in time. */
const placeWaitMsMax = 1_000;

/** How soon whoever found no place comes again. */
export const busyLookMs = (lane: Lane): number => (lane === "urgent" ? 1_000 : 5_000);

/** What one process may ask of each provider at once: the provider's budget of a lane, divided by the processes that call. */
export interface ProviderShare {
  /** How many live processes call providers, this one counted. */
  divideBy(calling: number): void;
  /** The same issuer, whose calls each wait for a place in its lane; ProviderBusy where there is none in time. */
  limit(issuer: Issuer, lane: () => Lane): Issuer;
}

interface ShareOptions {
  readonly clock: Pick<Clock, "after" | "monotonicMs">;
  /** Calls at one provider instance at once, over all processes; what is not named has its default. */
  readonly callsMax?: (issuer: IssuerId) => Partial<Record<Lane, number>>;
}

/** Made once for a process: everything that calls providers in it shares one. */
export const createProviderShare = ({ clock, callsMax }: ShareOptions): ProviderShare => {
  let processes = 1;
  const places = new Map<string, Places>();
  const placesOf = (issuer: IssuerId, lane: Lane): Places => {
    const key = `${lane}/${issuer}`;
    const budget = callsMax?.(issuer)[lane] ?? callsMaxDefault[lane];
    // Never none, however many processes there are: whoever is left alone must go on.
    const max = (): number => Math.max(1, Math.floor(budget / processes));
    const known = places.get(key) ?? createPlaces(clock, max);
    places.set(key, known);
    return known;
  };
  return {
    divideBy: (calling) => {
      processes = Math.max(1, calling);
      for (const one of places.values()) one.refill();
    },
    limit: (issuer, lane) => ({
      ...limited(issuer, async (call, ask) => {
        const own = placesOf(issuer.instance, lane());
        const askedAt = clock.monotonicMs();
        await own.take();
        try {
          const deadlineMs = call.deadlineMs - (clock.monotonicMs() - askedAt);
          if (deadlineMs <= 0) throw new ProviderBusy();
          return await ask({ ...call, deadlineMs });
        } finally {
          own.giveBack();
        }
      }),
      ...preparing(issuer, () => placesOf(issuer.instance, lane())),
    }),
  };
};

interface Places {
  take(): Promise<void>;
  /** Where there is one to spare; answers how it is given back, any number of times. */
  takeSpare(): (() => void) | undefined;
  giveBack(): void;
  /** There may be more places than before. */
  refill(): void;
}

/** Who waits is served in order. */
const createPlaces = (clock: ShareOptions["clock"], max: () => number): Places => {
  let used = 0;
  let spare = 0;
  const waiting: (() => void)[] = [];
  const refill = (): void => {
    while (used < max()) {
      const next = waiting.shift();
      if (next === undefined) return;
      used += 1;
      next();
    }
  };
  const giveBack = (): void => {
    used -= 1;
    refill();
  };
  return {
    refill,
    take: async () => {
      if (used < max() && waiting.length === 0) {
        used += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const served = (): void => {
          cancel();
          resolve();
        };
        const cancel = clock.after(placeWaitMsMax, () => {
          waiting.splice(waiting.indexOf(served), 1);
          reject(new ProviderBusy());
        });
        waiting.push(served);
      });
    },
    takeSpare: () => {
      if (used >= max() || waiting.length > 0 || 2 * (spare + 1) > max()) return undefined;
      used += 1;
      spare += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        spare -= 1;
        giveBack();
      };
    },
    giveBack,
  };
};

/**
 * A try that has begun keeps its place until it ends, while its own turn waits for others: so at most half of
 * the places are given to them, and none that somebody waits for.
 */
const preparing = (
  issuer: Issuer,
  places: () => Places,
): Pick<Issuer, "prepareProbe"> | undefined =>
  issuer.prepareProbe && {
    prepareProbe: (material, vantage, call) => {
      const giveBack = places().takeSpare();
      if (giveBack === undefined) return undefined;
      const probe = issuer.prepareProbe?.(material, vantage, call);
      if (probe === undefined) giveBack();
      return (
        probe && {
          finish: async (own) => await probe.finish(own).finally(giveBack),
          drop: () => {
            probe.drop();
            giveBack();
          },
        }
      );
    },
  };

type Place = <Value>(call: Call, ask: (call: Call) => Promise<Value>) => Promise<Value>;

/** Everything of an issuer that asks its provider something. */
const limited = (issuer: Issuer, place: Place): Issuer => ({
  ...issuer,
  mint: async (request, call) => await place(call, async (own) => await issuer.mint(request, own)),
  list: async (credential, settings, call) =>
    await place(call, async (own) => await issuer.list(credential, settings, own)),
  suspend: async (version, call) =>
    await place(call, async (own) => await issuer.suspend(version, own)),
  reinstate: async (version, call) =>
    await place(call, async (own) => await issuer.reinstate(version, own)),
  sweep: async (version, call) =>
    await place(call, async (own) => await issuer.sweep(version, own)),
  revoke: async (version, call) =>
    await place(call, async (own) => await issuer.revoke(version, own)),
  probe: async (material, vantage, call) =>
    await place(call, async (own) => await issuer.probe(material, vantage, own)),
  comparePrivileges: async (older, newer, call) =>
    await place(call, async (own) => await issuer.comparePrivileges(older, newer, own)),
});
