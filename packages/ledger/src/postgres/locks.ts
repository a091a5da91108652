import { rotationActive } from "./claim-sql.ts";
import { prepared } from "./prepared.ts";
import type { Transaction } from "./database.ts";

// One order for all: credentials, rotations, case keys, cases, breaker scopes; within each by id.

/** Holds off every other writer of these credentials' sagas until the transaction ends. */
export const lockCredentials = async (
  { client }: Transaction,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length === 0) return;
  await prepared(
    client,
    "select id from rekey.credentials where id = any($1::text[]) order by id for no key update",
    [ids],
  );
};

/** The same for all of some policies: what is looked at behind it has every current version that was under way. */
export const lockCredentialsUnder = async (
  { client }: Transaction,
  policies: readonly string[],
): Promise<void> => {
  if (policies.length === 0) return;
  await prepared(
    client,
    "select id from rekey.credentials where policy = any($1::text[]) order by id for no key update",
    [policies],
  );
};

/** Wakes of a rotation wait, so that what they tell is seen by the commit or comes after it. */
export const lockRotations = async (
  { client }: Transaction,
  credentials: readonly string[],
): Promise<void> => {
  await prepared(
    client,
    `select id from rekey.rotations where credential = any($1::text[])
       and state not in ('completed', 'undone', 'withdrawn', 'would-have')
       order by id for no key update`,
    [credentials],
  );
};

export const lockCases = async ({ client }: Transaction, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  await prepared(
    client,
    "select id from rekey.cases where id = any($1::uuid[]) order by id for no key update",
    [ids],
  );
};

const forWord = "state = 'waiting' and state_detail->>'for' in ('approval', 'person')";

/** A rotation that is held is due until its turn ends, so what is held is found among what is due. */
export const lockRotationsForWordText = `
  select id from rekey.rotations where id = any(array(
      select id from rekey.rotations where ${forWord}
      union
      select r.id from rekey.rotations r, lateral (select from rekey.credentials c
          where c.id = r.credential and c.hold_open offset 0) held
        where r.${rotationActive} and least(r.due_at, r.wake_at) <= now()
      order by id limit $1::bigint
    )) order by id for no key update`;

/** Rotations that wait for a person's word or are held, the first so many: their ids. */
export const lockRotationsForWord = async (
  { client }: Transaction,
  limit: number,
): Promise<readonly string[]> =>
  idsOf(await prepared(client, lockRotationsForWordText, [String(limit)]));

export const lockCasesForWordText = `select id from rekey.cases
  where state <> 'closed' and (${forWord} or state = 'running' or hold_open)
  order by id limit $1::bigint for no key update`;

/** The same of cases, with those under way: they may be about to wait by what they read before. */
export const lockCasesForWord = async (
  { client }: Transaction,
  limit: number,
): Promise<readonly string[]> =>
  idsOf(await prepared(client, lockCasesForWordText, [String(limit)]));

const idsOf = ({
  rows,
}: {
  readonly rows: readonly { readonly id: string }[];
}): readonly string[] => rows.map(({ id }) => id);

/** For what has no row to lock yet: two transactions that would make it meet here, before either has looked. */
export const lockKeys = async ({ client }: Transaction, keys: readonly string[]): Promise<void> => {
  if (keys.length === 0) return;
  await prepared(
    client,
    `select pg_advisory_xact_lock(hash) from (
       select distinct hashtextextended(key, 0) as hash from unnest($1::text[]) key order by hash
     ) keys`,
    [keys],
  );
};

/** $1 kinds, $2 abouts: open cases of these keys. */
export const lockCasesAbout = async (
  { client }: Transaction,
  parameters: readonly unknown[],
): Promise<void> => {
  await prepared(
    client,
    `select id from rekey.cases t where t.state <> 'closed'
       and (t.kind, t.about) in (select * from unnest($1::text[], $2::text[]) as k(kind, about))
       order by id for no key update`,
    [...parameters],
  );
};

/** The breaker's one row per scope, made when it is first asked. Sorted by the caller. */
export const lockScopes = async (
  { client }: Transaction,
  scopes: readonly string[],
): Promise<void> => {
  if (scopes.length === 0) return;
  await prepared(
    client,
    `insert into rekey.breaker_windows (scope) select unnest($1::text[])
       on conflict (scope) do update set scope = excluded.scope`,
    [scopes],
  );
};
