import {
  lanes,
  type Dispatcher,
  type EventSource,
  type IncomingBatch,
  type Lane,
  type Serving,
  type Subscription,
} from "@rekey/domain";
import {
  relayAll,
  serveLane,
  takeBatch,
  tick,
  createLedgerWorker,
  type RelayParts,
  type TickParts,
} from "@rekey/engine";
import { superviseLoop, type Log, type WallClock } from "@rekey/runtime";
import { aborted } from "./aborted.ts";
import { createBell, type Bell } from "./bell.ts";
import { answering } from "./answering.ts";

interface LoopParts {
  readonly tick: TickParts;
  readonly relay: RelayParts;
  readonly source: EventSource;
  readonly dispatcher: Dispatcher;
  readonly incomingTopics: readonly string[];
  readonly clock: WallClock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onExhausted: (exitCode: number) => void;
  readonly bells: Bells;
}

/** Rung when there is work, so that nothing waits for a poll where it was committed. */
export interface Bells {
  readonly outbox: Bell;
  readonly due: Bell;
  readonly urgent: Bell;
}

export const createBells = (): Bells => ({
  outbox: createBell(),
  due: createBell(),
  urgent: createBell(),
});

/** Something was committed: each loop looks for its part of it. */
export const ringAll = ({ outbox, due, urgent }: Bells): void => {
  for (const bell of [outbox, due, urgent]) bell.ring();
};

const tickMs = 1_000;
/** The bell rings with every commit of this process; this is only for what nobody rang for. */
const relayIdleMs = 1_000;
/** The urgent lane claims from the ledger by itself at least this often, whatever the dispatcher does. */
const urgentMs = 1_000;
const batchMax = 500;

/** Starts every loop of an embedded process; each that dies is rebuilt, three times a minute. */
export const startLoops = (
  parts: LoopParts,
): { readonly ended: Promise<unknown>; readonly subscriptions: readonly Subscription[] } => {
  const subscriptions: Subscription[] = [];
  const supervised = (name: string, run: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    superviseLoop({
      name,
      run: async (signal) => {
        // One outage of the database is one death of a loop, however long it lasts.
        await answering(parts.tick.ledger, parts.clock, signal);
        await run(signal);
      },
      signal: parts.signal,
      clock: parts.clock,
      log: parts.log,
      onExhausted: parts.onExhausted,
    });
  // A subscription and a loop for each topic: a flood on one never delays what comes in by another.
  const intakes = parts.incomingTopics.map((topic) =>
    supervised(
      `intake ${topic}`,
      async (signal) => await consume(parts, { topic, signal, subscriptions }),
    ),
  );
  const loops = [
    ...intakes,
    supervised(
      "scheduler",
      async (signal) =>
        await every(
          { signal, clock: parts.clock, bell: parts.bells.due, atMostMs: tickMs },
          async () => await tick(parts.tick),
        ),
    ),
    supervised(
      "relay",
      async (signal) =>
        await every(
          { signal, clock: parts.clock, bell: parts.bells.outbox, atMostMs: relayIdleMs },
          async () => await relayAll(parts.relay),
        ),
    ),
    supervised("urgent", async (signal) => await claimUrgent(parts, signal)),
    ...lanes.map((lane) =>
      supervised(`lane-${lane}`, async (signal) => await serve(parts, lane, signal)),
    ),
  ];
  return { ended: Promise.all(loops), subscriptions };
};

interface Pace {
  readonly signal: AbortSignal;
  readonly clock: WallClock;
  readonly bell: Bell;
  readonly atMostMs: number;
}

/** However often the bell rings, rounds keep this distance. */
const roundPauseMs = 10;

/** Runs a round, then waits for the bell or the pause, whichever is first. */
const every = async (
  { signal, clock, bell, atMostMs }: Pace,
  round: () => Promise<unknown>,
): Promise<void> => {
  while (!signal.aborted) {
    await round();
    await clock.sleep(roundPauseMs, signal).catch(() => undefined);
    await bell.wait(clock, { atMostMs, signal });
  }
};

/** The urgent lane's own claims: what a slow provider holds up is beside the loop, not in it. */
const claimUrgent = async (parts: LoopParts, signal: AbortSignal): Promise<void> => {
  const worker = createLedgerWorker(parts.tick, "urgent");
  const pace = { signal, clock: parts.clock, bell: parts.bells.urgent, atMostMs: urgentMs };
  try {
    await every(pace, async () => await worker.round());
  } finally {
    await worker.settled();
  }
};

interface Consuming {
  readonly topic: string;
  readonly signal: AbortSignal;
  readonly subscriptions: Subscription[];
}

const consume = async (
  parts: LoopParts,
  { topic, signal, subscriptions }: Consuming,
): Promise<void> => {
  const subscription = await parts.source.subscribe({
    topics: [topic],
    group: "rekey-intake",
    batchMax,
    onBatch: async (batch: IncomingBatch) => await takeBatch(parts.tick, batch),
    onError: (error) => parts.log.warn("topic not read", { topic, error }),
  });
  subscriptions.push(subscription);
  try {
    await aborted(signal);
  } finally {
    await subscription.stop();
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
  }
};

const serve = async (parts: LoopParts, lane: Lane, signal: AbortSignal): Promise<void> => {
  let serving: Serving | undefined;
  try {
    serving = await serveLane(parts.tick, parts.dispatcher, lane);
    await aborted(signal);
  } finally {
    await serving?.stop();
  }
};
