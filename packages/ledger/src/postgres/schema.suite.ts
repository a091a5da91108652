import type { FreshDatabase } from "@rekey/testkit";
import { ask } from "./database.suite.ts";

const tablesText = `
  select c.oid, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'rekey' and c.relkind = 'r' and c.relname <> 'migrations' order by c.relname`;

const columnsText = `
  select format('  %I %s%s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case when t.typcollation <> a.attcollation then ' collate "C"' else '' end,
      case when a.attnotnull then ' not null' else '' end,
      case when a.attidentity = 'a' then ' generated always as identity' else '' end,
      case when d.adbin is null then ''
        when a.attgenerated = 's' then format(' generated always as %s stored', pg_get_expr(d.adbin, d.adrelid))
        else ' default ' || pg_get_expr(d.adbin, d.adrelid) end) as line
    from pg_attribute a join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

// PostgreSQL 18 keeps NOT NULL as constraints too; the columns say it already.
const constraintsText = `
  select format('  constraint %I %s', conname, pg_get_constraintdef(oid)) as line
    from pg_constraint where conrelid = $1 and contype <> 'n' order by contype, conname`;

const indexesText = `
  select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
    where i.indrelid = $1 and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    order by i.indexrelid::regclass::text`;

const domainsText = `
  select format('create domain rekey.%I as %s collate "C" %s;', t.typname, format_type(t.typbasetype, -1),
      pg_get_constraintdef(k.oid)) as line
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
      join pg_constraint k on k.contypid = t.oid and k.contype = 'c'
    where n.nspname = 'rekey' order by t.typname`;

/** The whole schema as one text, in a stable order: what all the migrations come to. */
export const schemaOf = async (database: FreshDatabase): Promise<string> => {
  const lines = async (text: string, oid?: number): Promise<readonly string[]> =>
    (await ask<{ line: string }>(database, text, oid === undefined ? [] : [oid])).map(
      ({ line }) => line,
    );
  const parts = [
    "-- Written from the migrations; compared in a test.",
    ...(await lines(domainsText)),
  ];
  for (const { oid, name } of await ask<{ oid: number; name: string }>(database, tablesText)) {
    const body = [...(await lines(columnsText, oid)), ...(await lines(constraintsText, oid))];
    const indexes = await lines(indexesText, oid);
    parts.push(
      [`create table rekey.${name} (`, `${body.join(",\n")}`, ");", ...indexes].join("\n"),
    );
  }
  return `${parts.join("\n\n")}\n`;
};
