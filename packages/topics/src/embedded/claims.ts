import type { Database } from "./connect.ts";
import type { Member, PartitionName } from "./share.ts";

/** One member of one group, as the claim rows know it. */
export interface MemberName {
  readonly group: string;
  readonly id: string;
  readonly topicIds: readonly number[];
  readonly leaseMs: number;
}

/** A partition held under `fence`; the group's next offset is `committed`. */
export interface ClaimRow extends PartitionName {
  readonly fence: number;
  readonly committed: number;
}

/** Makes the group's rows for every partition of its topics; an existing offset is kept. */
export async function prepareClaims(database: Database, member: MemberName): Promise<void> {
  await database.query(
    `insert into rekey_topics.claims (consumer_group, topic_id, number)
     select $1, topic_id, number from rekey_topics.partitions where topic_id = any ($2::integer[])
     on conflict do nothing`,
    [member.group, member.topicIds],
  );
}

/** A sign of life: renews what the member holds, forgets the dead, and answers both. */
export async function beatOf(
  database: Database,
  member: MemberName,
): Promise<{ held: ClaimRow[]; members: Member[] }> {
  const answer = await database.query<BeatRow>(beatStatement, [
    member.group,
    member.id,
    member.topicIds,
    member.leaseMs,
  ]);
  const held = answer.rows.flatMap((row) => (row.id === null ? [claimRow(row)] : []));
  const others = answer.rows.flatMap((row) =>
    row.id === null ? [] : [{ id: row.id, topicIds: row.topic_ids }],
  );
  return { held, members: [...others, { id: member.id, topicIds: member.topicIds }] };
}

interface ClaimColumns {
  readonly topic_id: number;
  readonly number: number;
  readonly fence: number;
  readonly committed: number;
}

type BeatRow = ClaimColumns & { readonly id: string | null; readonly topic_ids: number[] };

const claimRow = (row: ClaimColumns): ClaimRow => ({
  topicId: row.topic_id,
  number: row.number,
  fence: row.fence,
  committed: row.committed,
});

const beatStatement = `
  with alive as (
    insert into rekey_topics.members (consumer_group, id, topic_ids, alive_until)
    values ($1, $2, $3, now() + $4 * interval '1 millisecond')
    on conflict (consumer_group, id) do update
      set topic_ids = excluded.topic_ids, alive_until = excluded.alive_until
  ), forgotten as (
    delete from rekey_topics.members
    where consumer_group = $1 and id <> $2 and alive_until < now()
  ), mine as materialized (
    select topic_id, number from rekey_topics.claims
    where consumer_group = $1 and holder = $2
    order by topic_id, number
    for no key update
  ), renewed as (
    update rekey_topics.claims c set hold_until = now() + $4 * interval '1 millisecond'
    from mine
    where c.consumer_group = $1 and c.topic_id = mine.topic_id and c.number = mine.number
      and c.holder = $2
    returning c.topic_id, c.number, c.fence, c.committed
  )
  select topic_id, number, fence, committed, null::uuid as id, null::integer[] as topic_ids
  from renewed
  union all
  select null, null, null, null, id, topic_ids from rekey_topics.members
  where consumer_group = $1 and id <> $2 and alive_until >= now()`;

/** Takes those of the wanted partitions that nobody holds; each gets a new fence. */
export async function claimFree(
  database: Database,
  member: MemberName,
  wanted: readonly PartitionName[],
): Promise<ClaimRow[]> {
  if (wanted.length === 0) return [];
  const answer = await database.query<ClaimColumns>(claimStatement, [
    member.group,
    member.id,
    member.leaseMs,
    wanted.map((partition) => partition.topicId),
    wanted.map((partition) => partition.number),
  ]);
  return answer.rows.map(claimRow);
}

const claimStatement = `
  with free as materialized (
    select c.topic_id, c.number
    from rekey_topics.claims c
    join unnest($4::integer[], $5::integer[]) as wanted (topic_id, number) using (topic_id, number)
    where c.consumer_group = $1 and (c.holder is null or c.hold_until < now())
    for no key update of c skip locked
  )
  update rekey_topics.claims c
  set holder = $2, fence = c.fence + 1, hold_until = now() + $3 * interval '1 millisecond'
  from free
  where c.consumer_group = $1 and c.topic_id = free.topic_id and c.number = free.number
  returning c.topic_id, c.number, c.fence, c.committed`;

/** Gives held partitions back for another member to take at once. */
export async function releaseClaims(
  database: Database,
  member: MemberName,
  partitions: readonly PartitionName[],
): Promise<void> {
  if (partitions.length === 0) return;
  await database.query(releaseStatement, [
    member.group,
    member.id,
    partitions.map((partition) => partition.topicId),
    partitions.map((partition) => partition.number),
  ]);
}

const releaseStatement = `
  with mine as materialized (
    select c.topic_id, c.number
    from rekey_topics.claims c
    join unnest($3::integer[], $4::integer[]) as given (topic_id, number) using (topic_id, number)
    where c.consumer_group = $1 and c.holder = $2
    order by c.topic_id, c.number
    for no key update of c
  )
  update rekey_topics.claims c set holder = null, hold_until = '-infinity'
  from mine
  where c.consumer_group = $1 and c.topic_id = mine.topic_id and c.number = mine.number
    and c.holder = $2`;

/** Moves the group's offset; false when another member took the partition over: nothing was changed. */
export async function commitOffset(
  database: Database,
  member: MemberName,
  claim: PartitionName & { readonly fence: number; readonly committed: bigint },
): Promise<boolean> {
  const answer = await database.query(
    `update rekey_topics.claims set committed = $6
     where consumer_group = $1 and topic_id = $2 and number = $3 and holder = $4 and fence = $5
       and committed <= $6`,
    [member.group, claim.topicId, claim.number, member.id, claim.fence, String(claim.committed)],
  );
  return answer.rowCount === 1;
}

/** The member is gone; whatever it still held is free at once. */
export async function leaveGroup(database: Database, member: MemberName): Promise<void> {
  await database.query(
    `with gone as (delete from rekey_topics.members where consumer_group = $1 and id = $2)
     update rekey_topics.claims set holder = null, hold_until = '-infinity'
     where consumer_group = $1 and holder = $2`,
    [member.group, member.id],
  );
}

/** Where this process is the only one: every member there is belongs to one that died. */
export async function endEveryMember(database: Database): Promise<void> {
  await database.query(
    `with gone as (delete from rekey_topics.members)
     update rekey_topics.claims set holder = null, hold_until = '-infinity' where holder is not null`,
  );
}
