import type { Selection } from "./load.ts";

// What a credential's consumers are known by: `ids` is a condition over credentials `c`.
const consumersOf = (credential: string): Selection => ({
  consumers: `t.id = any((select c.consumers from rekey.credentials c where c.id = ${credential})::text[])`,
  sightings: `t.consumer = any((select c.consumers from rekey.credentials c where c.id = ${credential})::text[])`,
  acknowledgements: `t.credential = ${credential}`,
  deployments: `(t.service, t.environment) in (select s.service, s.environment from rekey.credentials c
    join rekey.consumers s on s.id = any(c.consumers) where c.id = ${credential})`,
});

// The credential itself, and the control credentials of its issuer instance.
const withControl = (credential: string): string =>
  `(t.id = ${credential} or (t.control and t.declared and t.issuer_instance =
    (select c.issuer_instance from rekey.credentials c where c.id = ${credential})))`;

const versionsWithControl = (credential: string): string =>
  `(t.credential = ${credential} or (t.label = 'current' and t.credential in
    (select o.id from rekey.credentials c join rekey.credentials o
      on o.issuer_instance = c.issuer_instance and o.control and o.declared where c.id = ${credential})))`;

const policyOfCredential = (credential: string): string =>
  `t.name = (select c.policy from rekey.credentials c where c.id = ${credential})`;

/** $1 the credential, $2 the rotation. */
export const rotationSelection: Selection = {
  ...consumersOf("$1"),
  credentials: withControl("$1"),
  holds: withControl("$1"),
  policies: policyOfCredential("$1"),
  versions: versionsWithControl("$1"),
  rotations: "t.id = $2::uuid",
  inputs: "t.target_kind = 'rotation' and t.target_id = $2::uuid",
  effects: "t.rotation = $2::uuid",
  gates: `t.issuer in (select unnest(array[c.issuer_instance, 'store/' || (c.store ->> 'store')])
    from rekey.credentials c where c.id = $1)`,
  pause: "true",
  ticks: "true",
  modes: "true",
  foreign: "t.credential = $1",
  obligations: "t.credential = $1 and t.settled_at is null",
};

/** $1 the credential: its hold, and what is owed. */
export const debtSelection: Selection = {
  holds: "t.id = $1",
  obligations: "t.credential = $1 and t.settled_at is null",
};

/** $1 the credential, $2 the watch. */
export const watchSelection: Selection = {
  credentials: withControl("$1"),
  holds: withControl("$1"),
  policies: policyOfCredential("$1"),
  versions: versionsWithControl("$1"),
  watches: "t.id = $2::uuid",
  pause: "true",
};

const itemRotations = "select i.rotation from rekey.case_items i where i.case_id = $1::uuid";

/** $1 the case. */
export const caseSelection: Selection = {
  cases: "t.id = $1::uuid",
  caseItems: "t.case_id = $1::uuid",
  inputs: "t.target_kind = 'case' and t.target_id = $1::uuid",
  obligations: "t.case_id = $1::uuid",
  rotations: `t.id in (${itemRotations})`,
  modes: "true",
  pause: "true",
};

// Found by the credentials' own index: cost follows what is in scope, not what was ever rotated.
const caseRotations = `${itemRotations} union all select r.id from rekey.case_items i
  join rekey.rotations r on r.credential = i.credential
  where i.case_id = $1::uuid and r.causes @> jsonb_build_array(jsonb_build_object('case', $1::text))`;

/** $1 the case: as a person looks at it, with every rotation that it asked for. */
export const caseViewSelection: Selection = {
  cases: "t.id = $1::uuid",
  caseItems: "t.case_id = $1::uuid",
  obligations: "t.case_id = $1::uuid",
  rotations: `t.id in (${caseRotations})`,
  versions:
    "t.credential in (select i.credential from rekey.case_items i where i.case_id = $1::uuid)",
};

/** $1 the credentials: as a person looks at them. */
export const credentialViewSelection: Selection = {
  credentials: "t.id = any($1::text[])",
  holds: "t.id = any($1::text[])",
  policies: "t.name in (select c.policy from rekey.credentials c where c.id = any($1::text[]))",
  versions: "t.credential = any($1::text[])",
  rotations:
    "t.credential = any($1::text[]) and t.state not in ('completed', 'undone', 'withdrawn', 'would-have')",
  consumers:
    "t.id in (select unnest(c.consumers) from rekey.credentials c where c.id = any($1::text[]))",
  sightings:
    "t.consumer in (select unnest(c.consumers) from rekey.credentials c where c.id = any($1::text[]))",
  acknowledgements: "t.credential = any($1::text[])",
  deployments: `(t.service, t.environment) in (select s.service, s.environment from rekey.credentials c
    join rekey.consumers s on s.id = any(c.consumers) where c.id = any($1::text[]))`,
};
