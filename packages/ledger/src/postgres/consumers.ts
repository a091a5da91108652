import type { ConsumerId, Ledger } from "@rekey/domain";
import {
  acknowledgeForeign,
  announcementsFor,
  instancesForgottenMax,
  sight,
  tokenKeptMs,
  tokensForgottenMax,
} from "../commands/consumers.ts";
import { consumerOf } from "../commands/views.ts";
import { rotationActive } from "./claim-sql.ts";
import { look, statement, transact, type Database } from "./database.ts";
import type { Selection } from "./load.ts";
import { lockKeys } from "./locks.ts";

type Commands = Pick<
  Ledger,
  | "sight"
  | "forgetTokens"
  | "forgetInstances"
  | "announcementsFor"
  | "consumer"
  | "acknowledgeForeign"
>;

/** Other schedulers are at other tokens: none waits for one that another one removes. `forgetTokens` says the same in memory. */
export const forgetTokensText = `
  with old as (
    select token_id from rekey.acknowledgement_tokens
      where used_at < now() - interval '${tokenKeptMs} milliseconds'
      order by used_at limit ${tokensForgottenMax} for update skip locked
  ), forgotten as (
    delete from rekey.acknowledgement_tokens where token_id = any(array(select token_id from old)) returning 1
  )
  select count(*) as count from forgotten`;

const idleSaid =
  "from rekey.acknowledgements a where a.consumer = t.consumer and a.instance = t.instance";

const idleSince = "now() - $1::double precision * interval '1 millisecond'";
const lastOf = (column: string): string =>
  `(select ${column} from page order by consumer, instance offset ${instancesForgottenMax - 1} limit 1)`;

/**
 * $1 for how many milliseconds nobody heard of them; $2 and $3 the instance behind which it looks. What another transaction
 * writes is left alone, and an instance stays while anything that it said does. `forgetInstances` says the same in memory.
 */
export const forgetInstancesText = `
  with page as materialized (
    select t.ctid as place, t.consumer, t.instance, t.last_seen_at from rekey.sightings t
      where (t.consumer, t.instance) > ($2::text, $3::text)
      order by t.consumer, t.instance limit ${instancesForgottenMax}
  ), idle as (
    select t.ctid as place, t.consumer, t.instance, (select count(*) ${idleSaid}) as said
      from rekey.sightings t
      where t.last_seen_at < ${idleSince} and t.ctid = any(array(
          select p.place from page p where p.last_seen_at < ${idleSince}
            and p.consumer <> all(array(
              select unnest((select c.consumers from rekey.credentials c where c.id = r.credential))::text
                from rekey.rotations r where r.${rotationActive}
                  and (r.state <> 'halted' or r.started_at >= ${idleSince})))))
      for update of t skip locked
  ), said as (
    select t.place, a.place as said from idle t
      cross join lateral (select a.ctid as place ${idleSaid} limit ${instancesForgottenMax} for update skip locked) a
      limit ${instancesForgottenMax}
  ), unsaid as (
    delete from rekey.acknowledgements where ctid = any(array(select said from said)) returning 1
  ), unseen as (
    delete from rekey.sightings where ctid = any(array(
        select place from idle where idle.said = (select count(*) from said where said.place = idle.place)))
      returning 1
  )
  select (select count(*) from unsaid) + (select count(*) from unseen) as forgotten,
    ${lastOf("consumer")} as consumer, ${lastOf("instance")} as instance`;

interface ForgottenRow {
  readonly forgotten: number;
  /** Null where nothing is behind what it looked at. */
  readonly consumer: ConsumerId | null;
  readonly instance: string | null;
}

const forgetInstances = async (
  database: Database,
  { idleMs, after }: Parameters<Ledger["forgetInstances"]>[0],
): ReturnType<Ledger["forgetInstances"]> => {
  const parameters = [idleMs, after?.consumer ?? "", after?.instance ?? ""];
  const [row] = await statement<ForgottenRow>(database, forgetInstancesText, parameters);
  const { forgotten = 0, consumer = null, instance = null } = row ?? {};
  return consumer === null || instance === null
    ? { forgotten }
    : { forgotten, next: { consumer, instance } };
};

const usedBy = "t.consumers @> array[$1::text]";

/** What consumers say, and what people vouch for. */
export const postgresConsumers = (database: Database): Commands => ({
  acknowledgeForeign: (request) =>
    transact(database, async (transaction) => {
      const { credential, principal } = request;
      await lockKeys(transaction, [`foreign/${credential}/${principal}`]);
      const draft = await transaction.draft(
        {
          credentials: "t.id = $1",
          foreign: "t.credential = $1 and t.principal = $2",
          rotations: `t.credential = $1 and t.${rotationActive}`,
        },
        [credential, principal],
      );
      const refusal = acknowledgeForeign(draft, request);
      if (refusal === undefined) await transaction.write(draft);
      return refusal;
    }),
  sight: (request) =>
    transact(database, async (transaction) => {
      const { consumer, credential, tokenId, instance, version } = request;
      await lockKeys(transaction, tokenId === undefined ? [] : [`token/${tokenId}`]);
      const draft = await transaction.draft(
        {
          consumers: "t.id = $1",
          credentials: "t.id = $2",
          tokens: "t.token_id = $3",
          acknowledgements: "t.consumer = $1 and t.credential = $2 and t.instance = $4",
          rotations: `t.credential = $2 and t.${rotationActive}`,
          versions: "t.credential = $2 and t.number = $5",
        },
        [consumer, credential ?? null, tokenId ?? null, instance, version ?? null],
      );
      const refusal = sight(draft, request);
      // A refusal, too, may have something to keep.
      await transaction.write(draft);
      return refusal;
    }),
  forgetTokens: async () => {
    const [row] = await statement<{ readonly count: number }>(database, forgetTokensText, []);
    return row?.count ?? 0;
  },
  forgetInstances: (request) => forgetInstances(database, request),
  announcementsFor: async (consumer) => {
    const selection: Selection = {
      credentials: usedBy,
      announcements: `t.credential in (select t.id from rekey.credentials t where ${usedBy})`,
    };
    return announcementsFor(await look(database, selection, [consumer]), consumer);
  },
  consumer: async (id) => {
    const row = (await look(database, { consumers: "t.id = $1" }, [id])).get("consumers", id);
    return row && consumerOf(row);
  },
});
