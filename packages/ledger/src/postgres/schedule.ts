import type { Transaction } from "./database.ts";

/** When the policy wants a new version: kept on the credential, so that the question costs what is due. */
export const refreshSchedule = async (
  { client }: Transaction,
  credentials: readonly string[] | undefined,
): Promise<void> => {
  await client.query(
    `update rekey.credentials c set rotate_due_at = f.due_at
       from (
         select k.id, v.since + p.rotate_after_ms * interval '1 millisecond' as due_at
           from rekey.credentials k
           join rekey.policies p on p.name = k.policy
           left join lateral (
             select coalesce(promoted_at, minted_at) as since
               from rekey.versions where credential = k.id and label = 'current'
           ) v on true
           where $1::text[] is null or k.id = any($1::text[])
       ) f
       where c.id = f.id and c.rotate_due_at is distinct from f.due_at`,
    [credentials ?? null],
  );
};
