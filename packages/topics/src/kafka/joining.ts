import type { Clock } from "@rekey/domain";
import kafkajs from "kafkajs";
import type { PartitionAssigner } from "kafkajs";
import { topicRefused } from "../refusals.ts";
import type { Delivery } from "./delivery.ts";
import { isGroupMoved } from "./faults.ts";
import type { KafkaPace } from "./pace.ts";

/** How a consumer of kafkajs gets into its group, each time that it does. */
export interface Joining {
  /** Shares out evenly; it is also where kafkajs shows its cluster. */
  readonly assigner: PartitionAssigner;
  /** The group has a new generation: what was asked for in the one before is not delivered. */
  joined(): void;
}

export interface JoiningOptions {
  readonly clock: Clock;
  readonly pace: Pick<KafkaPace, "sessionMs">;
  readonly delivery: Pick<Delivery, "settle">;
  /** Who was in the group before this consumer: it crashed and could not leave. */
  readonly member: { readonly name: string | undefined };
  /** The consumer was given up: another one may be in the group. */
  readonly isEnded: () => boolean;
  /** Ends the consumer: it is built again. */
  readonly fail: (error: unknown) => void;
}

type Cluster = Parameters<PartitionAssigner>[0]["cluster"];
type Find = Cluster["findGroupCoordinator"];
type Call = (asked: unknown) => Promise<unknown>;

// The types leave these out.
interface Coordinator {
  findGroupCoordinator(group: { groupId: string; coordinatorType: number }): Promise<unknown>;
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
  joinGroup: Call;
  syncGroup: Call;
}

interface Broker {
  fetch: (asked: unknown) => Promise<{ readonly responses: readonly unknown[] }>;
}

/** https://kafka.apache.org/protocol#The_Messages_FindCoordinator */
const groupCoordinator = 0;
/** Below what kafkajs has; then it fetches on as if it had joined. */
const triesMax = 5;
const leaveTriesMax = 100;
const leaveAgainMs = 200;

/**
 * kafkajs 2.2.4 joins again without waiting for anything: what runs is ended and committed before. It goes on fetching
 * when a join is refused, as if it had never begun: that ends the consumer here. And it delivers in the new generation
 * what it asked for in the last one, past what was not handled yet: such answers are emptied. Given up, it tries to join on: nothing is settled for it.
 */
export function createJoining(options: JoiningOptions): Joining {
  const { clock, delivery, pace, member, isEnded, fail } = options;
  let generation = 0;
  // One that crashed could not leave: the group would wait for it until its session ends.
  let gone = member.name;
  let tries = 0;
  const refused = (error: unknown): void => {
    if (tries >= triesMax || !joinsAgain(error)) fail(error);
  };
  const watch = watching(refused);
  const guard = guarding(() => generation);
  const assigner: PartitionAssigner = (config) => {
    const { cluster } = config;
    const find: Find = cluster.findGroupCoordinator.bind(cluster);
    // The first that kafkajs does when it joins, and nothing else of a consumer asks for it.
    cluster.findGroupCoordinator = async (group) => {
      if (isEnded()) throw topicRefused("CLOSED");
      tries += 1;
      await delivery.settle(pace.sessionMs / 2);
      try {
        if (gone !== undefined) await leave(find, { ...group, memberId: gone }, clock);
        gone = undefined;
        const coordinator = await find(group);
        watch(coordinator);
        return coordinator;
      } catch (error) {
        const reason = (await whyNotFound(cluster, group)) ?? error;
        fail(reason);
        throw reason;
      }
    };
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (node) => {
      const broker = await findBroker(node);
      guard(broker);
      return broker;
    };
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
  const joined = (): void => {
    generation += 1;
    tries = 0;
  };
  return { assigner, joined };
}

/** kafkajs joins again by itself where the group moved on, or its coordinator, and nowhere else. */
const joinsAgain = (error: unknown): boolean =>
  isGroupMoved(error) ||
  (error as { readonly type?: unknown } | null)?.type === "NOT_COORDINATOR_FOR_GROUP";

/** Tells of each join and each share that a coordinator refuses. */
const watching = (refused: (error: unknown) => void): ((coordinator: unknown) => void) => {
  const telling =
    (call: Call): Call =>
    async (asked) => {
      try {
        return await call(asked);
      } catch (error) {
        refused(error);
        throw error;
      }
    };
  return onceEach<Coordinator>((coordinator) => {
    coordinator.joinGroup = telling(coordinator.joinGroup.bind(coordinator));
    coordinator.syncGroup = telling(coordinator.syncGroup.bind(coordinator));
  });
};

/** Empties what was fetched for a generation that is over when the answer comes. */
const guarding = (generation: () => number): ((broker: unknown) => void) =>
  onceEach<Broker>((broker) => {
    const fetch = broker.fetch.bind(broker);
    broker.fetch = async (asked) => {
      const mine = generation();
      const answer = await fetch(asked);
      return mine === generation() ? answer : { ...answer, responses: [] };
    };
  });

/** kafkajs hands out the same brokers again and again. */
const onceEach = <Part extends object>(change: (part: Part) => void) => {
  const changed = new WeakSet();
  return (part: unknown): void => {
    if (changed.has(part as Part)) return;
    changed.add(part as Part);
    change(part as Part);
  };
};

/** A coordinator that has just started does not know its groups yet: it is asked again for a while. */
async function leave(
  find: Find,
  member: { readonly groupId: string; readonly memberId: string },
  clock: Clock,
): Promise<void> {
  for (let asked = 0; asked < leaveTriesMax; asked += 1) {
    const coordinator = (await find(member)) as unknown as Coordinator;
    const failure = await coordinator.leaveGroup(member).then(
      () => undefined,
      (error: unknown) => error,
    );
    // Taken out already is as good.
    if (failure === undefined || isGroupMoved(failure)) return;
    await clock.sleep(leaveAgainMs);
  }
}

/** kafkajs swallows what the brokers said, such as a denied group: one is asked again. */
async function whyNotFound(cluster: Cluster, { groupId }: Parameters<Find>[0]): Promise<unknown> {
  try {
    const broker = (await cluster.findControllerBroker()) as unknown as Coordinator;
    await broker.findGroupCoordinator({ groupId, coordinatorType: groupCoordinator });
    return undefined;
  } catch (error) {
    return error;
  }
}
