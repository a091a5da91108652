import { credentialId, type ScopedCredential, type ScopeQuery } from "@rekey/domain";
import { scopedOf } from "../commands/read-views.ts";
import type { Rows } from "../rows/rows.ts";
import { look, statement, type Database } from "./database.ts";
import { rowsOf, type Condition } from "./pages.ts";
import { credentialViewSelection } from "./selections.ts";

const serviceScope = `t.ends_with is not null and t.consumers && array(
  select c.id::text from rekey.consumers c where c.service = $2 and c.environment = $3)`;

/** What a case's expand step may find, in id order after its cursor. */
export const scope = async (
  database: Database,
  query: ScopeQuery,
): Promise<readonly ScopedCredential[]> => {
  const where: readonly Condition[] = [
    [(value) => `t.identity = ${value}`, query.identity],
    [(value) => `t.id > ${value}`, query.after],
  ];
  const rows =
    query.identity === undefined
      ? await serviceRows(database, query)
      : await rowsOf(database, { table: "credentials", where, order: "t.id", limit: query.limit });
  const draft = await look(database, credentialViewSelection, [rows.map((row) => row.id)]);
  return rows.flatMap((row) => scopedOf(draft, row, query) ?? []);
};

const serviceRows = async (
  database: Database,
  query: ScopeQuery,
): Promise<readonly Rows["credentials"][]> => {
  const text = `select t.id from rekey.credentials t where ${serviceScope} and t.id > $4 order by t.id limit $1`;
  const parameters = [query.limit, query.service, query.environment, query.after ?? ""];
  const rows = await statement<{ id: string }>(database, text, parameters);
  const ids = rows.map((row) => row.id);
  const draft = await look(database, { credentials: "t.id = any($1::text[])" }, [ids]);
  return ids.flatMap((id) => draft.get("credentials", credentialId(id)) ?? []);
};
