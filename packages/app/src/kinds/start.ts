import type { Failpoint, Subscription } from "@rekey/domain";
import { createProviderShare } from "@rekey/engine";
import { createMetrics, systemClock, type Log, type Metrics, type Shutdown } from "@rekey/runtime";
import type { SharedConfig } from "../config/sections.ts";
import { declareProcessFigures } from "../operations/process-figures.ts";
import { beatingLoop } from "../loops/beating.ts";
import { createBells, type Bells } from "../loops/bells.ts";
import { createOutages, type Outages } from "../loops/outages.ts";
import { forgettingLoop } from "./forgetting.ts";
import { invitingLoop } from "../loops/inviting.ts";
import { createSupervised, type Supervised } from "../loops/supervised.ts";
import { urgentLoop } from "../loops/urgent.ts";
import {
  beatParts,
  engineParts,
  intakeParts,
  newWorker,
  schedulerParts,
  statementParts,
  type EngineWiring,
} from "../parts/engine.ts";
import { engineLog } from "../parts/engine-log.ts";
import { incomingTopics } from "../parts/incoming-topics.ts";
import { createInFlight } from "../parts/in-flight.ts";
import { logNotifier } from "../parts/log-notifier.ts";
import { parseNotice } from "../parts/notice.ts";
import { measuredLedger } from "../parts/measured-ledger.ts";
import { needed, type OpenedParts } from "../parts/opened.ts";
import { ringingLedger } from "../parts/ringing-ledger.ts";
import { askingLoop, tellingDispatcher } from "../parts/telling-dispatcher.ts";
import type { ProcessKind } from "./catalog.ts";
import { intakeLoops } from "./intake.ts";
import { relayLoop } from "./relay.ts";
import { rotatorLoops } from "./rotator.ts";
import { schedulerLoop } from "./scheduler.ts";
import { statementsLoop } from "./statements.ts";

interface KindsOptions {
  readonly kinds: readonly ProcessKind[];
  readonly parts: OpenedParts;
  readonly config: Pick<SharedConfig, "issuers" | "producers" | "watchAfter" | "instancesKeptMs">;
  readonly failpoint: Failpoint;
  readonly log: Log;
  readonly shutdown: Shutdown;
}

/** Kinds that run in this process. */
export interface RunningKinds {
  /** The parts, with a ledger that rings where it has just left work. */
  readonly parts: OpenedParts;
  readonly bells: Bells;
  readonly worker: string;
  /** Subscriptions to signals that live, and how many there have to be. */
  readonly subscriptions: readonly Subscription[];
  readonly subscriptionsWanted: number;
  /** The one to what consumers say, while it lives. */
  readonly statements: readonly Subscription[];
  /** Where figures are declared; what this process commits is counted there already. */
  readonly metrics: Metrics;
  readonly outages: Outages;
  /** Starts the loops; resolves when all of them have ended. */
  start(): Promise<unknown>;
}

/** Wires the loops of some process kinds to what was opened for them. Nothing runs before `start`. */
export const wireKinds = (options: KindsOptions): RunningKinds => {
  const { kinds, log, shutdown } = options;
  const { instancesKeptMs } = options.config;
  const bells = createBells();
  const metrics = createMetrics({ runtime: true });
  const outages = createOutages({ clock: systemClock, log });
  const parts = {
    ...options.parts,
    ledger: ringingLedger(
      measuredLedger(options.parts.ledger, declareProcessFigures(metrics)),
      bells,
      systemClock,
    ),
    ...(options.parts.dispatcher && {
      dispatcher: tellingDispatcher(options.parts.dispatcher, outages.JOBS_UNREACHABLE),
    }),
  };
  const inFlight = createInFlight({ clock: systemClock, log, shutdown });
  const worker = newWorker();
  const providerShare = createProviderShare({
    clock: systemClock,
    callsMax: (issuer) => options.config.issuers[issuer]?.calls ?? {},
  });
  const wiring: EngineWiring = { ...options, parts, inFlight, worker, providerShare };
  const subscriptions: Subscription[] = [];
  const statements: Subscription[] = [];
  return {
    parts,
    bells,
    worker,
    subscriptions,
    subscriptionsWanted: kinds.includes("intake") ? incomingTopics(options.config).length : 0,
    statements,
    metrics,
    outages,
    start: () => {
      const supervised = createSupervised({
        ledger: parts.ledger,
        clock: systemClock,
        log,
        outages,
        signal: shutdown.signal,
        onExhausted: (exitCode) => void shutdown.stop("a loop died too often", exitCode),
      });
      const ended = Promise.all(
        loopsOf(
          { wiring, bells, subscriptions, statements, kinds, instancesKeptMs, outages },
          supervised,
        ),
      );
      shutdown.onStop("loops", async () => await inFlight.settled(ended));
      return ended;
    },
  };
};

interface Wired {
  readonly wiring: EngineWiring;
  readonly bells: Bells;
  readonly subscriptions: Subscription[];
  readonly statements: Subscription[];
  readonly kinds: readonly ProcessKind[];
  readonly instancesKeptMs: number;
  readonly outages: Outages;
}

const loopsOf = (wired: Wired, supervised: Supervised): readonly Promise<void>[] => {
  const { wiring, bells, kinds, instancesKeptMs } = wired;
  const clock = systemClock;
  const runs = (...some: readonly ProcessKind[]): boolean =>
    some.some((kind) => kinds.includes(kind));
  const loops: Promise<void>[] = [];
  if (runs("intake")) loops.push(...intakeOf(wired, supervised));
  if (runs("rotator"))
    loops.push(
      ...rotatorLoops(
        { ...engineParts(wiring), clock, dispatcher: needed(wiring.parts, "dispatcher") },
        supervised,
      ),
    );
  // Where signals come in, what leaks is contained; a rotator catches what another process left.
  if (runs("intake", "rotator"))
    loops.push(urgentLoop({ ...engineParts(wiring), clock, urgent: bells.urgent }, supervised));
  if (runs("scheduler"))
    loops.push(
      schedulerLoop({ ...schedulerParts(wiring), clock }, supervised),
      forgettingLoop({ instancesKeptMs, ledger: wiring.parts.ledger, clock }, supervised),
    );
  // The scheduler's round beats too, but a slow dispatcher may hold it up.
  loops.push(beatingLoop({ ...beatParts(wiring), clock }, supervised));
  if (runs("relay")) loops.push(relayOf(wired, supervised));
  loops.push(...dispatchingOf(wired, supervised));
  return loops;
};

const dispatchingOf = (
  { wiring, bells, outages }: Wired,
  supervised: Supervised,
): readonly Promise<void>[] => {
  const { ledger, dispatcher } = wiring.parts;
  if (dispatcher === undefined) return [];
  const clock = systemClock;
  const log = engineLog(wiring.log);
  return [
    invitingLoop({ ledger, log, dispatcher, clock, due: bells.due }, supervised),
    askingLoop({ dispatcher, outage: outages.JOBS_UNREACHABLE, clock }, supervised),
  ];
};

const intakeOf = (
  { wiring, subscriptions, statements }: Wired,
  supervised: Supervised,
): readonly Promise<void>[] => {
  const { source } = needed(wiring.parts, "topics");
  const reading = { source, clock: systemClock, log: wiring.log };
  const topics = incomingTopics(wiring.config);
  return [
    ...intakeLoops({ ...reading, subscriptions, parts: intakeParts(wiring), topics }, supervised),
    statementsLoop(
      { ...reading, subscriptions: statements, parts: statementParts(wiring) },
      supervised,
    ),
  ];
};

/** Where all commits ring, looking is only for what a dead process left; elsewhere it is how news is found. */
const relayIdleMs = { together: 1_000, apart: 200 } as const;

const relayOf = async ({ wiring, bells, kinds }: Wired, supervised: Supervised): Promise<void> =>
  await relayLoop(
    {
      ledger: wiring.parts.ledger,
      worker: wiring.worker,
      log: engineLog(wiring.log),
      tells: wiring.log,
      failpoint: wiring.failpoint,
      sink: needed(wiring.parts, "topics").sink,
      notifier: logNotifier(wiring.log),
      parseNotice,
      clock: systemClock,
      outbox: bells.outbox,
      idleMs: kinds.includes("rotator") ? relayIdleMs.together : relayIdleMs.apart,
    },
    supervised,
  );
