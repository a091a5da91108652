import type { Issuer, Store } from "@rekey/domain";
import { bareOf, type Bare } from "./bare.ts";
import { clocked, inFlight, type Spent } from "./clocked.ts";
import { tracedIssuer, tracedStore, type Trace } from "./trace.ts";

export interface BareCalls {
  /** Makes first versions. */
  prepare(credentials: readonly string[]): Promise<void>;
  rotate(argument: {
    readonly credentials: readonly string[];
    readonly concurrency: number;
  }): Promise<Spent>;
  /** One rotation; answers what it asked of issuer and store. */
  trace(credential: string): Promise<readonly string[]>;
  /** Suspend, end sessions, be refused: milliseconds. The version is valid again afterwards. */
  contain(credential: string): Promise<number>;
}

interface Ports {
  readonly issuer: Issuer;
  readonly store: Store;
}

const preparedAtOnce = 8;

/** The provider's and the store's calls and nothing else: no ledger, no jobs, no audit. */
export const bareCalls = (ports: Ports): BareCalls => {
  const kept = new Map<string, Bare>();
  const bare = (credential: string): Bare => {
    const one = kept.get(credential) ?? bareOf(ports, credential);
    kept.set(credential, one);
    return one;
  };
  return {
    prepare: async (credentials) =>
      await inFlight(
        credentials,
        preparedAtOnce,
        async (credential) => await bare(credential).create(),
      ),
    rotate: async ({ credentials, concurrency }) =>
      await clocked(
        async () =>
          await inFlight(
            credentials,
            concurrency,
            async (credential) => await bare(credential).rotate(ports),
          ),
      ),
    trace: async (credential) => {
      const trace: Trace = [];
      await bare(credential).rotate({
        issuer: tracedIssuer(ports.issuer, trace),
        store: tracedStore(ports.store, trace),
      });
      return trace;
    },
    contain: async (credential) => await bare(credential).contain(),
  };
};
