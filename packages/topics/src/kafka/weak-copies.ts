/** A topic's copies as the brokers keep them; `insync` is absent where they do not tell. */
export interface Copies {
  readonly topic: string;
  readonly replicas: number;
  readonly insync: number | undefined;
}

/** What works today, and stops or loses records when a broker goes away. */
export interface TopicWeakness {
  readonly topic: string;
  readonly found: string;
  readonly next: string;
}

const copiesWanted = 3;
const insyncSetting = "min.insync.replicas";
const moreCopies = `give it ${copiesWanted} copies with kafka-reassign-partitions.sh, then ${insyncSetting}=2`;
const aThirdBroker = `add a broker: with ${copiesWanted} copies and ${insyncSetting}=2 one may be away and nothing is lost`;

/** Pure. Nothing here is an error: one broker alone can have no more than one copy. */
export function weakCopies(topics: readonly Copies[], brokers: number): TopicWeakness[] {
  return topics.flatMap((copies) => weaknessesOf(copies, brokers));
}

function weaknessesOf({ topic, replicas, insync }: Copies, brokers: number): TopicWeakness[] {
  const isFew = replicas < copiesWanted && brokers >= copiesWanted;
  const mend =
    replicas >= copiesWanted ? `set ${insyncSetting}=2` : isFew ? moreCopies : aThirdBroker;
  const told = (found: string): TopicWeakness => ({ topic, found, next: mend });
  const count = replicas === 1 ? "1 copy" : `${replicas} copies`;
  return [
    ...(isFew ? [told(`${count} on ${brokers} brokers`)] : []),
    ...(replicas > 1 && insync !== undefined && insync >= replicas
      ? [told(`${count}, ${insyncSetting} ${insync}: one broker away stops writes`)]
      : []),
    ...(replicas > 1 && insync === 1
      ? [told(`${count}, ${insyncSetting} 1: what was acknowledged may be lost with one broker`)]
      : []),
  ];
}
