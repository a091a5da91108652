import type { Clock } from "@rekey/domain";
import type { Database } from "./connect.ts";
import type { Topic } from "./declare.ts";

const recordsPerStatementMax = 1_000;
const statementsPerRoundMax = 50;

export interface Trimmer {
  stop(): Promise<void>;
}

/** Trims all topics every `everyMs`; a failed round is made up by the next. */
export function startTrimmer(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly topics: readonly Topic[];
  readonly everyMs: number;
}): Trimmer {
  let stopped = false;
  let round = Promise.resolve();
  let cancel = (): void => undefined;
  const schedule = (): void => {
    cancel = options.clock.after(options.everyMs, () => {
      round = trimAll().catch(() => undefined);
      void round.then(() => {
        if (!stopped) schedule();
      });
    });
  };
  const trimAll = async (): Promise<void> => {
    for (const topic of options.topics) {
      if (!stopped) await trimTopic(options.database, topic);
    }
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      cancel();
      await round;
    },
  };
}

/**
 * Removes records older than the topic's retention that every group has committed, oldest first. A
 * group that stopped reading keeps its records: the log loses nothing that somebody still wants.
 */
export async function trimTopic(database: Database, topic: Topic): Promise<void> {
  for (let number = 0; number < topic.partitions; number += 1) {
    await trimPartition(database, topic, number);
  }
}

async function trimPartition(database: Database, topic: Topic, number: number): Promise<void> {
  for (let statements = 0; statements < statementsPerRoundMax; statements += 1) {
    const values = [topic.id, number, topic.retentionMs, recordsPerStatementMax];
    const answer = await database.query<{ removed: number }>(trimStatement, values);
    if ((answer.rows[0]?.removed ?? 0) < recordsPerStatementMax) return;
  }
}

// One partition a statement: it locks one row, so it cannot deadlock with appends.
const trimStatement = `
  with kept as materialized (
    select least(p.head, coalesce(min(c.committed), p.head)) as from_offset
    from rekey_topics.partitions p
    left join rekey_topics.claims c using (topic_id, number)
    where p.topic_id = $1 and p.number = $2
    group by p.head
  ), oldest as materialized (
    select r.record_offset, r.appended_at
    from rekey_topics.records r
    where r.topic_id = $1 and r.number = $2 and r.record_offset < (select from_offset from kept)
    order by r.record_offset limit $4
  ), removed as (
    delete from rekey_topics.records r using oldest
    where r.topic_id = $1 and r.number = $2 and r.record_offset = oldest.record_offset
      and oldest.appended_at < now() - $3 * interval '1 millisecond'
    returning r.record_offset
  ), counted as (
    select count(*) as removed, max(record_offset) as last from removed
  ), moved as (
    update rekey_topics.partitions p set first_kept = greatest(p.first_kept, counted.last + 1)
    from counted where p.topic_id = $1 and p.number = $2 and counted.removed > 0
  )
  select removed from counted`;
