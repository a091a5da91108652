import type { Clock } from "@rekey/domain";
import { beatOf, claimFree, prepareClaims, releaseClaims } from "./claims.ts";
import type { ClaimRow, MemberName } from "./claims.ts";
import type { Database } from "./connect.ts";
import type { Topic } from "./declare.ts";
import { positionKey } from "./fetch.ts";
import { shareOf } from "./share.ts";
import type { PartitionName } from "./share.ts";

/** A partition this member holds, as its own loop knows it. */
export interface Held {
  readonly topic: Topic;
  readonly topicId: number;
  readonly number: number;
  readonly fence: number;
  /** The next offset to deliver. */
  next: bigint;
  /** A batch of it is with the handler. */
  running: boolean;
  /** Rejections of the same batch in a row. */
  rejections: number;
  /** Monotonic: not delivered before. */
  pausedUntilMs: number;
  /** Monotonic: since when a batch of it waits for its commit, rejections included. */
  owedSinceMs: number | undefined;
}

/** Which partitions a member holds, kept true by `beat`. */
export interface Membership {
  held(): readonly Held[];
  /** Monotonic end of what the last answered beat promised. */
  leaseEndsAtMs(): number;
  holds(partition: Held): boolean;
  /** Renews, gives back what others should have and takes what is free; true when the set changed. */
  beat(): Promise<boolean>;
  drop(partition: Held): void;
}

interface MembershipOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly member: MemberName;
  readonly topics: readonly Topic[];
}

export function createMembership(options: MembershipOptions): Membership {
  const { database, clock, member, topics } = options;
  const partitions = allPartitions(topics);
  const held = new Map<string, Held>();
  let leaseEndsAtMs = Number.NEGATIVE_INFINITY;
  let prepared = false;

  const keep = (row: ClaimRow): boolean => {
    const key = positionKey(row.topicId, row.number);
    const topic = topics.find((candidate) => candidate.id === row.topicId);
    if (topic === undefined || held.get(key)?.fence === row.fence) return false;
    held.set(key, newlyHeld(topic, row));
    return true;
  };
  const forgetLost = (rows: readonly ClaimRow[]): boolean => {
    const fences = new Map(rows.map((row) => [positionKey(row.topicId, row.number), row.fence]));
    const lost = [...held].filter(([key, partition]) => fences.get(key) !== partition.fence);
    for (const [key] of lost) held.delete(key);
    return lost.length > 0;
  };
  const giveBack = async (wanted: ReadonlySet<string>): Promise<boolean> => {
    const surplus = [...held].filter(([key, partition]) => !wanted.has(key) && !partition.running);
    for (const [key] of surplus) held.delete(key);
    await releaseClaims(
      database,
      member,
      surplus.map(([, partition]) => partition),
    );
    return surplus.length > 0;
  };
  const beat = async (): Promise<boolean> => {
    const askedAtMs = clock.monotonicMs();
    if (!prepared) await prepareClaims(database, member);
    prepared = true;
    const answer = await beatOf(database, member);
    leaseEndsAtMs = askedAtMs + member.leaseMs;
    const lost = forgetLost(answer.held);
    const found = answer.held.filter(keep).length > 0;
    const share = shareOf(member.id, answer.members, partitions);
    const wanted = new Set(share.map((name) => positionKey(name.topicId, name.number)));
    const released = await giveBack(wanted);
    const missing = share.filter((name) => !held.has(positionKey(name.topicId, name.number)));
    const claimed = (await claimFree(database, member, missing)).filter(keep).length > 0;
    return lost || found || released || claimed;
  };
  return {
    held: () => [...held.values()],
    leaseEndsAtMs: () => leaseEndsAtMs,
    holds: (partition) => held.get(positionKey(partition.topicId, partition.number)) === partition,
    beat,
    drop: (partition) => {
      const key = positionKey(partition.topicId, partition.number);
      if (held.get(key) === partition) held.delete(key);
    },
  };
}

const allPartitions = (topics: readonly Topic[]): PartitionName[] =>
  topics
    .toSorted((left, right) => left.id - right.id)
    .flatMap((topic) =>
      Array.from({ length: topic.partitions }, (_, number) => ({ topicId: topic.id, number })),
    );

const newlyHeld = (topic: Topic, row: ClaimRow): Held => ({
  topic,
  topicId: row.topicId,
  number: row.number,
  fence: row.fence,
  next: BigInt(row.committed),
  running: false,
  rejections: 0,
  owedSinceMs: undefined,
  pausedUntilMs: Number.NEGATIVE_INFINITY,
});
