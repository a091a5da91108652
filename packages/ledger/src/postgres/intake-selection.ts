import type { Selection } from "./load.ts";
import { rotationActive } from "./claim-sql.ts";
import { openingSelection } from "./opening-selection.ts";

/** $1 credentials (locked), $2 identities, $3 consumers, $4 rows of the inbox, $5 breaker scopes (locked). */
export const intakeSelection: Selection = {
  ...openingSelection,
  policies: "t.name in (select c.policy from rekey.credentials c where c.id = any($1::text[]))",
  identities: "t.id = any($2::text[])",
  consumers: "t.id = any($3::text[])",
  deployments: `(t.service, t.environment) in (select c.service, c.environment
    from rekey.consumers c where c.id = any($3::text[]))`,
  signals: "t.id = any($4::uuid[])",
  reservations: "t.scope = any($5::text[])",
  pause: "true",
  inputs: `t.target_kind = 'rotation' and t.target_id in (select r.id from rekey.rotations r
    where r.credential = any($1::text[]) and r.${rotationActive})`,
};

const about =
  "(t.kind, t.about) in (select * from unnest($1::text[], $2::text[]) as k(kind, about))";

/** $1 kinds and $2 what they are about. Earlier episodes are read for their number alone. */
export const caseSelectionByKeys: Selection = {
  cases: about,
  caseItems: `t.case_id in (select c.id from rekey.cases c where c.state <> 'closed'
    and (c.kind, c.about) in (select * from unnest($1::text[], $2::text[]) as k(kind, about)))`,
};
