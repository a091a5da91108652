import type { Clock, SubscribeRequest, Subscription } from "@rekey/domain";
import { createBell, settledWithin } from "@rekey/runtime";
import { leaveGroup } from "./claims.ts";
import type { MemberName } from "./claims.ts";
import type { Database } from "./connect.ts";
import type { Topic } from "./declare.ts";
import { createDelivery } from "./delivery.ts";
import { asTopicsFault } from "./faults.ts";
import { lagOf, positionKey, withBacklog } from "./fetch.ts";
import { createMembership } from "./membership.ts";
import type { Held, Membership } from "./membership.ts";
import type { Pace } from "./pace.ts";
import { groupKey, topicKey } from "./wake.ts";
import type { Wake } from "./wake.ts";

/** Partitions of one subscription whose handlers run at once. */
const deliveriesMax = 4;
const leaveMs = 500;

export interface SubscriptionOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly pace: Pace;
  readonly member: MemberName;
  readonly topics: readonly Topic[];
  readonly request: SubscribeRequest;
}

/** One member of a group: a loop that beats, polls and starts deliveries, and never waits for a handler. */
export function startSubscription(options: SubscriptionOptions): Subscription {
  const { clock, database, wake, request, topics, member } = options;
  const bell = createBell();
  const group = groupKey(request.group);
  const membership = createMembership({ database, clock, member, topics });
  const delivery = createDelivery({ ...options, membership, onEnd: () => bell.ring() });
  const state = { stopping: false, polledAtMs: clock.monotonicMs(), beatAtMs: 0, lag: 0 };

  // A hint about the group means that members came or went: look at the shares now.
  const stopGroup = wake.listen([group], () => {
    state.beatAtMs = 0;
    bell.ring();
  });
  const stopTopics = wake.listen(
    topics.map((topic) => topicKey(topic.name)),
    () => bell.ring(),
  );
  const round = async (): Promise<void> => {
    if (clock.monotonicMs() >= state.beatAtMs) {
      const changed = await membership.beat();
      state.beatAtMs = clock.monotonicMs() + options.pace.beatMs;
      if (changed) wake.signal([group]);
    }
    if (!state.stopping) await startDeliveries(options, membership, delivery.start);
    state.polledAtMs = clock.monotonicMs();
  };
  const loop = async (): Promise<void> => {
    while (!state.stopping || delivery.running() > 0) {
      await round().catch((error: unknown) => request.onError(asTopicsFault(error)));
      await bell.wait(clock, { atMostMs: nextWaitMs(options, membership) });
    }
  };
  const looping = loop();
  const stop = async (): Promise<void> => {
    state.stopping = true;
    bell.ring();
    await delivery.idle();
    bell.ring();
    stopGroup();
    stopTopics();
    const left = looping.then(() => leaveGroup(database, member));
    await settledWithin(clock, leaveMs, left);
    wake.signal([group]);
  };
  let stopped: Promise<void> | undefined;
  return {
    async health() {
      const sinceLastPollMs = clock.monotonicMs() - state.polledAtMs;
      // While the log is down the lag is what was last seen; the time since the last poll tells.
      state.lag = await lagOf(database, request.group, topics).catch(() => state.lag);
      return {
        sinceLastPollMs,
        sinceCommitOwedMs: commitOwedMs(membership, clock),
        lag: state.lag,
      };
    },
    stop: () => (stopped ??= stop()),
  };
}

/** How long the partition that waits longest for a commit does; 0 where none waits. */
function commitOwedMs(membership: Membership, clock: Clock): number {
  const now = clock.monotonicMs();
  return Math.max(0, ...membership.held().map(({ owedSinceMs = now }) => now - owedSinceMs));
}

/** Starts handlers for what has records, as far as slots are free, the longest waiting first. */
async function startDeliveries(
  options: SubscriptionOptions,
  membership: Membership,
  start: (partition: Held) => void,
): Promise<void> {
  const now = options.clock.monotonicMs();
  const held = membership.held();
  const ready = held.filter((partition) => !partition.running && partition.pausedUntilMs <= now);
  const busy = await withBacklog(options.database, ready);
  const slots = deliveriesMax - held.filter((partition) => partition.running).length;
  const due = ready.filter((partition) =>
    busy.has(positionKey(partition.topicId, partition.number)),
  );
  const oldestFirst = due.toSorted((left, right) => left.pausedUntilMs - right.pausedUntilMs);
  for (const partition of oldestFirst.slice(0, Math.max(slots, 0))) {
    if (membership.holds(partition)) start(partition);
  }
}

function nextWaitMs(options: SubscriptionOptions, membership: Membership): number {
  const { clock, pace } = options;
  const now = clock.monotonicMs();
  const pauses = membership
    .held()
    .map((partition) => partition.pausedUntilMs - now)
    .filter((remaining) => remaining > 0);
  return Math.min(pace.pollMs, pace.beatMs, ...pauses);
}
