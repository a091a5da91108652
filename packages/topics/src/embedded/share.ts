/** A living member of a group and the topics it subscribed. */
export interface Member {
  readonly id: string;
  readonly topicIds: readonly number[];
}

/** One partition of one topic, in the order that every member sees. */
export interface PartitionName {
  readonly topicId: number;
  readonly number: number;
}

/**
 * The partitions that fall to one member when all that subscribed a topic share its partitions evenly.
 * Every member works this out alone; while their views differ, the claim rows decide.
 */
export function shareOf(
  memberId: string,
  members: readonly Member[],
  partitions: readonly PartitionName[],
): PartitionName[] {
  const ordered = members.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return partitions.filter((partition, index) => {
    const candidates = ordered.filter((member) => member.topicIds.includes(partition.topicId));
    return candidates[index % Math.max(candidates.length, 1)]?.id === memberId;
  });
}
