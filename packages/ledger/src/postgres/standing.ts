import {
  caseWaitReasons,
  issuerId,
  waitReasons,
  type Ledger,
  type Pause,
  type Standing,
} from "@rekey/domain";
import { rotationActive } from "./claim-sql.ts";
import { statement, type Database } from "./database.ts";

// Both partial indexes of what is active: what has ended, which is nearly all, is not read.
export const standingText = `
  with rotations as (
    select case r.state when 'halted' then r.state else coalesce(r.wait_for, r.state_detail->>'for') end as why,
        count(*) as number
      from rekey.rotations r where r.${rotationActive} and r.state in ('halted', 'waiting') group by 1
  ), cases as (
    select case s.state when 'halted' then s.state else s.state_detail->>'for' end as why, count(*) as number
      from rekey.cases s where s.state <> 'closed' and s.state in ('halted', 'waiting') group by 1
  )
  select
    (select coalesce(jsonb_object_agg(why, number), '{}') from rotations) as rotations,
    (select coalesce(jsonb_object_agg(why, number), '{}') from cases) as cases,
    (select coalesce(jsonb_agg(g.issuer order by g.issuer collate "C"), '[]') from rekey.gates g
       where g.state <> 'open') as gates_shut,
    p.paused, p."all"
    from rekey.pause p`;

type Numbers = Readonly<Record<string, number>>;

interface StandingRow extends Pick<Pause, "paused" | "all"> {
  readonly rotations: Numbers;
  readonly cases: Numbers;
  readonly gates_shut: readonly string[];
}

/** What stands still and why. */
export const postgresStanding = (database: Database): Pick<Ledger, "standing"> => ({
  standing: async () => {
    const [row = nothing] = await statement<StandingRow>(database, standingText, []);
    return standingOf(row);
  },
});

const nothing: StandingRow = {
  rotations: {},
  cases: {},
  gates_shut: [],
  paused: false,
  all: false,
};

const standingOf = (row: StandingRow): Standing => ({
  rotationsHalted: row.rotations["halted"] ?? 0,
  rotationsWaiting: numbersOf(waitReasons, row.rotations),
  casesHalted: row.cases["halted"] ?? 0,
  casesWaiting: numbersOf(caseWaitReasons, row.cases),
  gatesShut: row.gates_shut.map((name) => issuerId(name)),
  pause: { paused: row.paused, all: row.all },
});

const numbersOf = <Reason extends string>(
  reasons: readonly Reason[],
  numbers: Numbers,
): Readonly<Record<Reason, number>> =>
  Object.fromEntries(reasons.map((reason) => [reason, numbers[reason] ?? 0])) as Record<
    Reason,
    number
  >;
