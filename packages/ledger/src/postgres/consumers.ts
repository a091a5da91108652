import type { Ledger } from "@rekey/domain";
import {
  acknowledgeForeign,
  announcementsFor,
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
  "sight" | "forgetTokens" | "announcementsFor" | "consumer" | "acknowledgeForeign"
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
