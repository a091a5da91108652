import { breakerScope } from "@rekey/domain";
import { rotationActive } from "./claim-sql.ts";
import { intakeSelection } from "./intake-selection.ts";
import type { Selection } from "./load.ts";
import { matchText } from "./matching.ts";

// What a statement found for those behind it, kept by the server until the transaction ends. They leave with BEGIN,
// before it was answered: outside of a transaction nothing is kept, so that they find and write nothing.
const kept = (name: string, type = "text"): string =>
  `nullif(current_setting('rekey.${name}', true), '')::${type}[]`;

const keep = (name: string, array: string): string =>
  `set_config('rekey.${name}', (${array})::text, true)`;

/** $1 to $5 as `matchText`; $6 versions that locators name. Answers what an incident may be about. */
export const matchLeaksText = `
  with found as materialized (${matchText}), known as materialized (
    select array(
      select f.about from jsonb_to_recordset($1::jsonb) as l(scheme text, value text),
        lateral (select f.credential || '#' || f.version as about from rekey.version_fingerprints f
          where f.scheme = l.scheme and f.value = l.value offset 0) f
      union select unnest(found.credentials) union select unnest($6::text[])
    ) as abouts from found
  )
  select abouts, ${keep("credentials", "credentials")}, ${keep("identities", "identities")},
      ${keep("consumers", "consumers")}, ${keep("repeated", "repeated")}, ${keep("abouts", "abouts")}
    from found, known`;

const credentials = kept("credentials");

export const lockCredentialsText = `
  select id from rekey.credentials where id = any(${credentials}) order by id for no key update`;

export const lockRotationsText = `
  select id from rekey.rotations where credential = any(${credentials}) and ${rotationActive}
    order by id for no key update`;

// Of a locator that names no version it is the current one; read behind the credential's lock.
const aboutThem = (alias: string): string => `
  ${alias}.kind = 'incident' and ${alias}.about = any(array(
    select unnest(${kept("abouts")}) union select v.credential || '#' || v.number
      from rekey.versions v where v.credential = any(${credentials}) and v.label = 'current'))`;

export const lockCasesText = `
  select id from rekey.cases t where t.state <> 'closed' and ${aboutThem("t")}
    order by id for no key update`;

const scopeText = breakerScope("' || environment || '", "' || issuer_instance || '");

export const lockScopesText = `
  with scopes as materialized (
    select distinct '${scopeText}' as scope from rekey.credentials
      where id = any(${credentials}) order by scope
  ), locked as (
    insert into rekey.breaker_windows (scope) select scope from scopes order by scope
      on conflict (scope) do update set scope = excluded.scope
  )
  select ${keep("scopes", "array(select scope from scopes)")}`;

const keptFor: readonly (readonly [parameter: string, kept: string])[] = [
  ["$1::text[]", credentials],
  ["$2::text[]", kept("identities")],
  ["$3::text[]", kept("consumers")],
  ["$4::uuid[]", kept("repeated", "uuid")],
  ["$5::text[]", kept("scopes")],
];

const withKept = (condition: string): string =>
  keptFor.reduce((text, [parameter, value]) => text.replaceAll(parameter, value), condition);

/** What intake reads of any signals, and the cases in the same look. */
export const leakSelection: Selection = {
  ...Object.fromEntries(
    Object.entries(intakeSelection).map(([table, condition]) => [table, withKept(condition)]),
  ),
  cases: aboutThem("t"),
  caseItems: `t.case_id in (select c.id from rekey.cases c where c.state <> 'closed' and ${aboutThem("c")})`,
};

const consumed = `select unnest(c.consumers) from rekey.credentials c where c.id = any(${credentials})`;
const instances = `select c.issuer_instance from rekey.credentials c where c.id = any(${credentials})`;
const isControl = (alias: string): string =>
  `${alias}.control and ${alias}.declared and ${alias}.issuer_instance in (${instances})`;

/** What a turn of one of these credentials begins with, beside what intake reads: as `rotationSelection`. */
export const beginningSelection: Selection = {
  credentials: isControl("t"),
  holds: isControl("t"),
  versions: `t.label = 'current' and t.credential in (select o.id from rekey.credentials o where ${isControl("o")})`,
  consumers: `t.id in (${consumed})`,
  sightings: `t.consumer in (${consumed})`,
  acknowledgements: `t.credential = any(${credentials})`,
  deployments: `(t.service, t.environment) in (select s.service, s.environment
    from rekey.consumers s where s.id in (${consumed}))`,
  effects: `t.rotation in (select r.id from rekey.rotations r
    where r.credential = any(${credentials}) and r.${rotationActive})`,
  gates: `t.issuer in (select unnest(array[c.issuer_instance, 'store/' || (c.store ->> 'store')])
    from rekey.credentials c where c.id = any(${credentials}))`,
  ticks: "true",
  foreign: `t.credential = any(${credentials})`,
};
