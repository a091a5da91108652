import { hostname } from "node:os";
import { canonicalDigest } from "@rekey/contracts";
import type { Failpoint } from "@rekey/domain";
import type {
  BeatParts,
  EngineParts,
  IntakeParts,
  ProviderShare,
  SchedulerParts,
  StatementParts,
} from "@rekey/engine";
import { keyedDigest } from "@rekey/producers";
import { newId, systemClock, type Log } from "@rekey/runtime";
import { build } from "../build.ts";
import type { SharedConfig } from "../config/sections.ts";
import { engineLog } from "./engine-log.ts";
import type { InFlight } from "./in-flight.ts";
import { createNormalise } from "./normalise.ts";
import { needed, type OpenedParts } from "./opened.ts";

/** What every engine loop of this process is made of. */
export interface EngineWiring {
  readonly parts: OpenedParts;
  readonly config: Pick<SharedConfig, "producers" | "watchAfter">;
  /** Process kinds that this process says it is. */
  readonly kinds: readonly string[];
  readonly inFlight: InFlight;
  /** One for the process: everything in it that calls providers shares it, and the beat divides it. */
  readonly providerShare?: ProviderShare;
  readonly failpoint: Failpoint;
  readonly log: Log;
  readonly worker: string;
}

/** Names this process in holds: host, pid and start. */
export const newWorker = (): string => `${hostname()}/${process.pid}/${newId()}`;

export const beatParts = ({ parts, kinds, worker, providerShare }: EngineWiring): BeatParts => ({
  ledger: parts.ledger,
  clock: systemClock,
  worker,
  kinds,
  build,
  ...(providerShare && { providerShare }),
});

/** For what claims and acts. */
export const engineParts = (wiring: EngineWiring): EngineParts => ({
  issuers: needed(wiring.parts, "providers").issuers,
  stores: needed(wiring.parts, "providers").stores,
  ledger: wiring.parts.ledger,
  fingerprint: needed(wiring.parts, "fingerprint"),
  clock: systemClock,
  newId,
  failpoint: wiring.failpoint,
  worker: wiring.worker,
  random: Math.random,
  newAbort: wiring.inFlight.newAbort,
  parallel: async (tasks) => await Promise.all(tasks.map(async (task) => await task())),
  log: engineLog(wiring.log),
  watchDelaysMs: wiring.config.watchAfter,
  ...(wiring.providerShare && { providerShare: wiring.providerShare }),
});

/** For what takes signals in. */
export const intakeParts = (wiring: EngineWiring): IntakeParts => ({
  ...engineParts(wiring),
  capabilities: capabilitiesOf(wiring.parts),
  beside: wiring.inFlight.beside,
  normalise: createNormalise({
    producers: wiring.config.producers,
    fingerprint: needed(wiring.parts, "fingerprint"),
    newId,
    now: () => systemClock.now(),
  }),
});

/** For what consumers say. */
export const statementParts = (wiring: EngineWiring): StatementParts => ({
  ledger: wiring.parts.ledger,
  newId,
  failpoint: wiring.failpoint,
  log: engineLog(wiring.log),
  now: () => systemClock.now(),
  digestOf: (value) => keyedDigest(value, needed(wiring.parts, "fingerprint")),
});

/** For the clock. */
export const schedulerParts = (wiring: EngineWiring): SchedulerParts => ({
  ...beatParts(wiring),
  newId,
  log: engineLog(wiring.log),
  dispatcher: needed(wiring.parts, "dispatcher"),
  capabilities: capabilitiesOf(wiring.parts),
  digest: canonicalDigest,
});

const capabilitiesOf = (parts: OpenedParts): IntakeParts["capabilities"] =>
  Object.fromEntries(
    [...needed(parts, "providers").issuers].map(([name, { capabilities }]) => [name, capabilities]),
  );
