import type { Clock, SubscribeRequest, Subscription } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { createBell, settledWithin } from "@rekey/runtime";
import type { Log } from "@rekey/runtime";
import { lagOf } from "./admin.ts";
import type { AdminAccess } from "./admin.ts";
import { forgetSecrets } from "./connect.ts";
import type { KafkaConnection } from "./connect.ts";
import { createConsumer } from "./consumer.ts";
import type { RunningConsumer } from "./consumer.ts";
import { createDelivery } from "./delivery.ts";
import { asKafkaFault, isRefusedLogin, isSettling } from "./faults.ts";
import type { KafkaPace } from "./pace.ts";

/** A subscription answers after so long, also where it is still trying to join. */
const readyMs = 10_000;
/** Asking for the lag; under load a connection alone may take seconds to open. */
const lagMs = 10_000;
/** Of that, what health waits for: readiness must not hang on a figure. */
const lagWaitMs = 500;
const endMs = 1_500;
const staleChecks = 10;

export interface KafkaSubscriptionOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: KafkaPace;
  readonly admin: AdminAccess;
  readonly request: SubscribeRequest;
}

/**
 * A member of a group that outlives its consumers: one that crashed, or did not poll for `staleMs`, is
 * built again. Rejects when the brokers refuse the first one for a reason that a person must mend.
 */
export async function startKafkaSubscription(
  options: KafkaSubscriptionOptions,
): Promise<Subscription> {
  const { clock, pace } = options;
  const hasLogin = options.connection.sasl !== undefined;
  const delivery = createDelivery(options);
  const bell = createBell();
  const first = createFirst();
  const state = { stopping: false, polledAtMs: clock.monotonicMs(), failures: 0 };
  const member = { name: undefined };
  let consumer: RunningConsumer | undefined;
  const onPoll = (): void => {
    state.polledAtMs = clock.monotonicMs();
    state.failures = 0;
    first.resolve();
  };
  const life = async (): Promise<never> => {
    consumer = createConsumer({ ...options, delivery, onPoll, member });
    const watch = watchPolls(options, () => state.polledAtMs);
    try {
      return await Promise.race([consumer.run(), watch.stale]);
    } finally {
      watch.stop();
      delivery.assign([], false);
      await consumer.close();
    }
  };
  const looping = (async (): Promise<void> => {
    while (!state.stopping) {
      const fault = asKafkaFault(await life().catch((error: unknown) => error), { hasLogin });
      if (state.stopping || first.reject(fault)) return;
      report(options, fault, state.failures);
      await bell.wait(clock, { atMostMs: rebuildPauseMs(pace, state.failures) });
      state.failures += 1;
    }
  })();
  const stop = async (): Promise<void> => {
    state.stopping = true;
    await delivery.idle();
    bell.ring();
    await consumer?.close();
    await settledWithin(clock, endMs, looping);
  };
  await first.settled(clock);
  const lag = createLag(options);
  let stopped: Promise<void> | undefined;
  return {
    health: async () => ({
      lag: await lag.lastSeen(),
      sinceLastPollMs: clock.monotonicMs() - state.polledAtMs,
      sinceCommitOwedMs: delivery.commitOwedMs(),
    }),
    stop: () => (stopped ??= stop()),
  };
}

/**
 * While the brokers are away or slow the lag is what was last seen; the time since the last poll tells. A question
 * that takes longer than health waits goes on, so that the next one finds its answer.
 */
function createLag({ admin, clock, request }: KafkaSubscriptionOptions) {
  let seen = 0;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const asked = { topics: request.topics, milliseconds: lagMs };
    seen = await lagOf(admin, request.group, asked).catch(() => seen);
    asking = undefined;
  };
  return {
    async lastSeen(): Promise<number> {
      asking ??= ask();
      await settledWithin(clock, lagWaitMs, asking);
      return seen;
    },
  };
}

function report(
  { connection, log, request }: KafkaSubscriptionOptions,
  fault: Error,
  failures: number,
): void {
  if (isRefusedLogin(fault)) forgetSecrets(connection);
  // Whoever subscribed tells of the outage: once, and not for each of the consumers that it ends.
  log.debug("kafka consumer ended and is built again", { reason: request.group, error: fault });
  if (!isSettling(fault, failures)) request.onError(fault);
}

const rebuildPauseMs = ({ rebuildMs, rebuildMaxMs }: KafkaPace, failures: number): number =>
  Math.min(rebuildMs * 2 ** Math.min(failures, 16), rebuildMaxMs);

interface First {
  resolve(): void;
  /** True when it was the first answer and ends the subscription. */
  reject(fault: Error): boolean;
  settled(clock: Clock): Promise<void>;
}

/** The first poll, or the first refusal that only a person can mend. */
function createFirst(): First {
  let isSettled = false;
  let pass = (): void => undefined;
  let fail = (_fault: Error): void => undefined;
  const answered = new Promise<void>((resolve, reject) => {
    pass = resolve;
    fail = reject;
  });
  return {
    resolve() {
      isSettled = true;
      pass();
    },
    reject(fault) {
      if (isSettled || !(fault instanceof Fault) || fault.action === "retry") return false;
      fail(fault);
      return true;
    },
    async settled(clock) {
      if (await settledWithin(clock, readyMs, answered)) await answered;
      else isSettled = true;
    },
  };
}

/** Rejects when nothing was polled for `staleMs`: a consumer can be alive and read nothing for ever. */
function watchPolls(
  { clock, pace }: KafkaSubscriptionOptions,
  polledAtMs: () => number,
): { readonly stale: Promise<never>; stop(): void } {
  const beganAtMs = clock.monotonicMs();
  let cancel = (): void => undefined;
  const stale = new Promise<never>((_resolve, reject) => {
    const look = (): void => {
      const silentMs = clock.monotonicMs() - Math.max(polledAtMs(), beganAtMs);
      if (silentMs < pace.staleMs) cancel = clock.after(pace.staleMs / staleChecks, look);
      else reject(new Fault("TOPICS_UNREACHABLE", { providerCode: "STALE" }));
    };
    look();
  });
  return { stale, stop: () => cancel() };
}
