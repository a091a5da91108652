import { hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { canonicalDigest } from "@rekey/contracts";
import { issuerId, storeId, type Failpoint } from "@rekey/domain";
import type { TickParts } from "@rekey/engine";
import { createGateway, type ControlDeclaration } from "@rekey/gateway";
import {
  newId,
  systemClock,
  type Environment,
  type Health,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import { incomingTopics, openAdapters, type Adapters } from "./adapters.ts";
import { build } from "./build.ts";
import type { RekeyConfig } from "./config.ts";
import { doctor } from "./doctor.ts";
import { engineLog } from "./engine-log.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import { logNotifier } from "./log-notifier.ts";
import { createBells, ringAll, startLoops, type Bells } from "./loops.ts";
import { createNormalise } from "./normalise.ts";
import { parseNotice } from "./notice.ts";
import { ringingLedger } from "./ringing-ledger.ts";
import { observeHealth, serveOperations } from "./observe.ts";

interface UpOptions {
  readonly config: RekeyConfig;
  readonly environment: Environment;
  readonly log: Log;
  readonly shutdown: Shutdown;
  readonly failpoint: Failpoint;
}

/** A running embedded Rekey: where to reach it. */
export interface RunningRekey {
  readonly socket: string;
  readonly operationsPort: number;
  readonly ended: Promise<unknown>;
}

/** Everything in one process on embedded parts: the database first, then what reads it, the gateway last. */
export const startRekey = async (options: UpOptions): Promise<RunningRekey> => {
  const { config, log, shutdown } = options;
  const dataDir = resolve(config.dataDir);
  const bells = createBells();
  const opened = await openAdapters({ ...options, dataDir });
  const adapters = { ...opened, ledger: ringingLedger(opened.ledger, bells) };
  const inFlight = createInFlight({ clock: systemClock, log, shutdown });
  const parts = engineParts(options, { adapters, inFlight });
  await compareIdentity(parts, log);
  await endDeadHolds(parts, log);
  const loops = startLoops({
    tick: parts,
    relay: { ...parts, sink: adapters.topics.sink, notifier: logNotifier(log), parseNotice },
    source: adapters.topics.source,
    dispatcher: adapters.dispatcher,
    incomingTopics: incomingTopics(config),
    clock: systemClock,
    log,
    bells,
    signal: shutdown.signal,
    onExhausted: (exitCode) => void shutdown.stop("a loop died too often", exitCode),
  });
  shutdown.onStop("loops", async () => await inFlight.settled(loops.ended));
  const health = observeHealth({
    ledger: adapters.ledger,
    subscriptions: loops.subscriptions,
    subscriptionsWanted: incomingTopics(config).length,
    log,
  });
  const operationsPort = await serveOperations({
    ledger: adapters.ledger,
    health,
    port: config.operationsPort,
    shutdown,
  });
  const socket = resolve(config.socket ?? join(dataDir, "rekey.sock"));
  await openDoor(options, { adapters, bells, health, socket });
  log.info("rekey is up", { port: operationsPort, pid: process.pid });
  return { socket, operationsPort, ended: loops.ended };
};

interface Around {
  readonly adapters: Adapters;
  readonly inFlight: InFlight;
}

const engineParts = (
  { config, log, failpoint }: UpOptions,
  { adapters, inFlight }: Around,
): TickParts => ({
  ...adapters,
  clock: systemClock,
  newId,
  failpoint,
  build,
  worker: `${hostname()}/${process.pid}/${newId()}`,
  random: Math.random,
  newAbort: inFlight.newAbort,
  parallel: async (tasks) => await Promise.all(tasks.map(async (task) => await task())),
  log: engineLog(log),
  watchDelaysMs: config.watchAfter,
  normalise: createNormalise({
    producers: config.producers,
    fingerprint: adapters.fingerprint,
    newId,
    now: () => systemClock.now(),
  }),
  capabilities: Object.fromEntries(
    [...adapters.issuers].map(([name, { capabilities }]) => [name, capabilities]),
  ),
  beside: inFlight.beside,
  kinds: ["intake", "rotator", "scheduler", "relay", "gateway"],
  digest: canonicalDigest,
});

/** Before anything works: a ledger that was taken elsewhere is paused, and `doctor` says so. */
const compareIdentity = async ({ ledger }: TickParts, log: Log): Promise<void> => {
  const { behind } = await ledger.compareIdentity();
  if (behind !== undefined)
    log.error("the ledger may be behind the world: everything is paused", {
      code: "LEDGER_BEHIND_WORLD",
    });
};

/** The data directory is claimed exclusively, so a hold of any other worker is a dead one's. */
const endDeadHolds = async (parts: TickParts, log: Log): Promise<void> => {
  const count = await parts.ledger.endForeignHolds({ worker: parts.worker });
  if (count > 0) log.warn("holds of a process that died were ended", { count });
};

const controlsOf = (config: RekeyConfig): readonly ControlDeclaration[] =>
  Object.entries(config.issuers).flatMap(([name, { control }]) =>
    control === undefined
      ? []
      : [
          {
            issuer: issuerId(name),
            settings: control.settings,
            store: { ...control.store, store: storeId(control.store.store) },
          },
        ],
  );

interface Door {
  readonly adapters: Adapters;
  readonly bells: Bells;
  readonly health: Health;
  readonly socket: string;
}

/** The gateway opens last: who can ask finds everything running. */
const openDoor = async ({ config, log, shutdown }: UpOptions, door: Door): Promise<void> => {
  const { adapters, bells, health, socket } = door;
  const gateway = createGateway({
    ...adapters,
    sink: adapters.topics.sink,
    clock: systemClock,
    newId,
    health,
    log,
    build,
    controls: controlsOf(config),
    doctor: async () => await doctor({ ...adapters, sink: adapters.topics.sink }),
    owner: userInfo().username,
    onWork: () => ringAll(bells),
  });
  await gateway.listen({ socketPath: socket });
  shutdown.onStop("gateway", async () => await gateway.close());
};
