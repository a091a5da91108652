import {
  callingKinds,
  credentialId,
  policyName,
  tickMsMax,
  type Backlog,
  type DueWork,
  type Lane,
  type Ledger,
} from "@rekey/domain";
import { ticksSilentMs } from "../commands/ticks.ts";
import { processDeadMs, processForgottenMs } from "../memory/reads.ts";
import { rotationActive } from "./claim-sql.ts";
import { statement, type Database } from "./database.ts";

type Commands = Pick<Ledger, "due" | "beat" | "dueForSchedule" | "backlog">;

// Each part reads its own partial index in order and stops at the limit.
export const dueText = `
  select now() as now, w.* from (values (1)) one(only_row) left join lateral (
    select * from (
      (select 'rotation' as kind, r.id, c.fence as generation, least(r.due_at, r.wake_at) as due_at
         from rekey.rotations r join rekey.credentials c on c.id = r.credential
         where r.lane = $1 and r.${rotationActive}
           and least(r.due_at, r.wake_at) <= now() + $3 * interval '1 millisecond' and c.hold_until < now()
         order by least(r.due_at, r.wake_at), r.id limit $2)
      union all
      (select 'case', s.id, s.fence, least(s.due_at, s.wake_at)
         from rekey.cases s
         where s.lane = $1 and s.state <> 'closed'
           and least(s.due_at, s.wake_at) <= now() + $3 * interval '1 millisecond' and s.hold_until < now()
         order by least(s.due_at, s.wake_at), s.id limit $2)
      union all
      (select 'watch', w.id, c.fence, w.due_at
         from rekey.watches w join rekey.credentials c on c.id = w.credential
         where $1 = 'sweep' and w.state = 'watching'
           and w.due_at <= now() + $3 * interval '1 millisecond' and c.hold_until < now()
         order by w.due_at, w.id limit $2)
    ) parts order by due_at, id limit $2
  ) w on true`;

export const dueForScheduleText = `
  select c.id as credential, v.number as version, c.policy, c.rotate_due_at as due_at
    from rekey.credentials c
    join rekey.versions v on v.credential = c.id and v.label = 'current'
    where c.declared and not c.ended and c.rotate_due_at <= now()
      and not exists (select from rekey.rotations r where r.credential = c.id and r.${rotationActive})
      and not exists (
        select from rekey.case_items i join rekey.cases s on s.id = i.case_id
          where i.credential = c.id and i.outcome is distinct from 'ended'
            and s.kind = 'campaign' and s.state <> 'closed')
    order by c.rotate_due_at, c.id limit $1`;

interface Beaten {
  readonly now: Date;
  readonly live: number;
  readonly calling: number;
}

const callingText = `array['${callingKinds.join("', '")}']`;

// The row's lock lets one beat after the other look at who counts: `commands/ticks.ts` says the same in memory.
const beatText = `
  with beaten as (
    insert into rekey.processes (id, kinds, build, beat_at) values ($1, $2::jsonb, $3, now())
      on conflict (id) do update
        set kinds = excluded.kinds, build = excluded.build, beat_at = excluded.beat_at
  ), forgotten as (
    delete from rekey.processes
      where beat_at < now() - interval '${processForgottenMs} milliseconds' and id <> $1
  ), counted as (
    update rekey.ticks set
        passed_ms = passed_ms + case when counted_by = $1
          then greatest(0, least(${tickMsMax}, $4::bigint - reading_ms)) else 0 end,
        counted_by = $1, reading_ms = $4::bigint, counted_at = now()
      where counted_by is null or counted_by = $1
        or counted_at not between now() - interval '${ticksSilentMs} milliseconds'
          and now() + interval '${ticksSilentMs} milliseconds'
  )
  select now() as now, 1 + count(*) as live,
      ($2::jsonb ?| ${callingText})::int + count(*) filter (where kinds ?| ${callingText}) as calling
    from rekey.processes
    where id <> $1 and beat_at >= now() - interval '${processDeadMs} milliseconds'`;

const backlogText = `
  with due as (
    select r.lane from rekey.rotations r join rekey.credentials c on c.id = r.credential
      where r.${rotationActive} and least(r.due_at, r.wake_at) <= now() and c.hold_until < now()
    union all
    select s.lane from rekey.cases s
      where s.state <> 'closed' and least(s.due_at, s.wake_at) <= now() and s.hold_until < now()
    union all
    select 'sweep' from rekey.watches w join rekey.credentials c on c.id = w.credential
      where w.state = 'watching' and w.due_at <= now() and c.hold_until < now()
  )
  select
    (select count(*) from due where lane = 'urgent') as urgent,
    (select count(*) from due where lane = 'planned') as planned,
    (select count(*) from due where lane = 'sweep') as sweep,
    (select count(*) from rekey.obligations where settled_at is null) as debt_open,
    (select (extract(epoch from now() - min(opened_at)) * 1000)::bigint
       from rekey.obligations where settled_at is null) as oldest_debt_ms,
    (select (extract(epoch from now() - min(o.opened_at)) * 1000)::bigint
       from rekey.obligations o join rekey.versions v on v.credential = o.credential and v.number = o.version
       where o.settled_at is null and v.exposed_at is not null and v.contained_at is null
         and v.proven_dead_at is null) as oldest_uncontained_ms,
    (select count(*) from rekey.outbox) as outbox_unsent`;

type BacklogRow = Readonly<Record<Lane | "debt_open" | "outbox_unsent", number>> & {
  readonly oldest_debt_ms: number | null;
  readonly oldest_uncontained_ms: number | null;
};

/** PostgreSQL's clock alone makes things due. */
export const postgresClock = (database: Database): Commands => ({
  due: async ({ lane, limit, withinMs }) => {
    const rows = await statement<DueRow>(database, dueText, [lane, limit, withinMs]);
    const now = rows[0]?.now.getTime() ?? 0;
    const items = rows.flatMap(({ kind, id, generation, due_at: dueAt }) =>
      kind === null ? [] : [{ kind, id, generation, dueAt: dueAt.getTime() }],
    );
    return { now, items };
  },
  beat: async ({ id, kinds, build, monotonicMs }) => {
    const parameters = [id, JSON.stringify(kinds), build, Math.floor(monotonicMs)];
    const [row] = await statement<Beaten>(database, beatText, parameters);
    return { now: row?.now.getTime() ?? 0, live: row?.live ?? 0, calling: row?.calling ?? 0 };
  },
  dueForSchedule: async (limit) => {
    const rows = await statement<ScheduleRow>(database, dueForScheduleText, [limit]);
    return rows.map((row) => ({
      credential: credentialId(row.credential),
      version: row.version,
      policy: policyName(row.policy),
      dueAt: row.due_at.getTime(),
    }));
  },
  backlog: async () => {
    const [row] = await statement<BacklogRow>(database, backlogText, []);
    return row === undefined ? emptyBacklog : backlogOf(row);
  },
});

type DueRow = { readonly now: Date; readonly due_at: Date } & (
  | Omit<DueWork, "dueAt">
  | { readonly kind: null; readonly id: null; readonly generation: null }
);

interface ScheduleRow {
  readonly credential: string;
  readonly version: number;
  readonly policy: string;
  readonly due_at: Date;
}

const emptyBacklog: Backlog = {
  due: { urgent: 0, planned: 0, sweep: 0 },
  debtOpen: 0,
  outboxUnsent: 0,
};

const backlogOf = ({ urgent, planned, sweep, ...row }: BacklogRow): Backlog => ({
  due: { urgent, planned, sweep },
  ...(row.oldest_debt_ms === null ? {} : { oldestDebtMs: row.oldest_debt_ms }),
  ...(row.oldest_uncontained_ms === null ? {} : { oldestUncontainedMs: row.oldest_uncontained_ms }),
  debtOpen: row.debt_open,
  outboxUnsent: row.outbox_unsent,
});
