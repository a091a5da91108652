import { benchOf, reports, reportsDb, versionOf, type Bench } from "../suite/bench.fixture.ts";
import { realClock } from "../real-clock.fake.ts";
import { kvOf, type Kv } from "./kv.ts";
import { call, type VaultKvFixture } from "./store.fixture.ts";

export const document = "team/app";
/** Some hundred requests on a slow machine. */
export const manyRequestsMs = 60_000;

/** What this store does besides the port's promises, on the fake and on the real Vault. */
export interface VaultBench {
  readonly place: VaultKvFixture;
  readonly bench: Bench;
  /** The engine itself, past every policy. */
  readonly root: Kv;
  readonly put: (version: number, from: number | undefined) => ReturnType<Bench["put"]>;
  readonly putReport: (version: number, from: number | undefined) => ReturnType<Bench["put"]>;
  /** Which of the document's versions can still be read, the latest one included. */
  readonly readable: () => Promise<readonly number[]>;
}

export const vaultBenchOf = (place: VaultKvFixture): VaultBench => {
  const bench = benchOf(place);
  const root = kvOf({ client: place.root, mount: place.place.mount, clock: realClock }, call);
  return {
    place,
    bench,
    root,
    put: (version, from) => bench.put(versionOf(version), from),
    putReport: (version, from) => bench.put(versionOf(version, reportsDb), from, reports),
    readable: async () => {
      const history = await root.history(document);
      if (history === undefined) return [];
      return [...history.readable, history.current].toSorted((one, other) => one - other);
    },
  };
};
