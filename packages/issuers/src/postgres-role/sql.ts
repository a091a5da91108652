import type { Membership, RoleSetting, RoleSpec } from "./client.ts";

/**
 * A statement as a template of `format()` and its arguments: the server quotes names (`%I`) and literals
 * (`%L`) itself, by its own rules, encoding and version. Templates are constants of this file.
 */
export interface Template {
  readonly format: string;
  readonly arguments: readonly (string | number)[];
}

const template = (format: string, ...args: (string | number)[]): Template => ({
  format,
  arguments: args,
});

/** One query that answers every statement as text, in order: column `sql`. */
export const renderSql = `
select format(t.statement->>'format', variadic array(
         select a.value from jsonb_array_elements_text(t.statement->'arguments')
           with ordinality as a(value, place) order by a.place)) as sql
  from jsonb_array_elements($1::jsonb) with ordinality as t(statement, place)
 order by t.place`;

export const adminSql = `
select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby,
       (rolcreaterole or rolsuper) as "createRole"
  from pg_roles where rolname = current_user`;

/** What current_user may do with a group ($1), a database ($2) and login roles ($3); the words of `pg_has_role` since 16. */
export const rightsSql = `
select quote_ident(current_user) as own, (o.rolcreaterole or o.rolsuper) as "createRole",
       quote_ident($1::text) as "group", g.oid is not null as "groupExists",
       coalesce(pg_has_role(g.oid, 'MEMBER WITH ADMIN OPTION'), false) as admin,
       coalesce(pg_has_role(g.oid, 'USAGE'), false) as inherit, coalesce(pg_has_role(g.oid, 'SET'), false) as set,
       quote_ident($2::text) as database, d.oid is not null as "databaseExists",
       coalesce(has_database_privilege(d.oid, 'CONNECT'), false) as connect,
       array(select quote_ident(r.rolname) from pg_roles r
              where r.rolname = any($3::text[])
                and not (pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') and pg_has_role(r.oid, 'USAGE'))
              order by r.rolname) as foreign
  from pg_roles o
  left join pg_roles g on g.rolname = $1::text
  left join pg_database d on d.datname = $2::text
 where o.rolname = current_user`;

export const roleSql = `
select rolname::text as name, oid::int8::text as oid, rolcanlogin as "canLogin",
       shobj_description(oid, 'pg_authid') as comment,
       rolname in (current_user, session_user) as own
  from pg_roles where rolname = $1::text`;

/** The listing of one scope is complete up to here. */
export const membersMax = 10_000;

// A NOLOGIN role without our mark that has members besides Rekey's own role is a group, not a suspended login.
export const membersSql = `
select r.rolname::text as name, r.rolcanlogin as "canLogin", c.comment,
       (select count(*)::int from pg_stat_activity a
         where a.usesysid = r.oid and a.backend_type = 'client backend') as sessions
  from pg_roles r
  cross join lateral (select shobj_description(r.oid, 'pg_authid') as comment) c
 where r.rolname not in (current_user, session_user)
   and (starts_with(c.comment, $2::text)
     or (exists (select from pg_auth_members m where m.roleid = $1::text::oid and m.member = r.oid)
         and (r.rolcanlogin or starts_with(c.comment, '{"rekey":')
           or not exists (select from pg_auth_members x join pg_roles o on o.oid = x.member
                           where x.roleid = r.oid and o.rolname not in (current_user, session_user)))))
 order by r.rolname limit ${membersMax + 1}`;

export const privilegesSql = `
select array_remove(array[case when r.rolsuper then 'superuser' end, case when r.rolcreaterole then 'createrole' end,
         case when r.rolcreatedb then 'createdb' end, case when r.rolreplication then 'replication' end,
         case when r.rolbypassrls then 'bypassrls' end], null) as attributes,
       r.rolconnlimit as "connectionLimit",
       case when isfinite(r.rolvaliduntil) then floor(extract(epoch from r.rolvaliduntil) * 1000)::float8 end as "validUntil",
       coalesce((select json_agg(m order by m.role) from (
         select g.rolname::text as role, bool_or(admin_option) as admin, bool_or(inherit_option) as inherit,
                bool_or(set_option) as set
           from pg_auth_members a join pg_roles g on g.oid = a.roleid where a.member = r.oid group by g.rolname) m), '[]') as memberships,
       coalesce((select json_agg(json_build_object('database', d.datname, 'setting', u.setting) order by d.datname, u.setting)
           from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase
           cross join unnest(s.setconfig) as u(setting) where s.setrole = r.oid), '[]') as settings,
       coalesce((select json_agg(distinct concat_ws('/', dbid, classid, objid, objsubid)) from pg_shdepend
         where refclassid = 'pg_authid'::regclass and refobjid = r.oid and deptype = 'a'
           and classid <> 'pg_auth_members'::regclass), '[]') as "grantedObjects",
       coalesce((select json_agg(distinct concat_ws('/', dbid, classid, objid, objsubid)) from pg_shdepend
         where refclassid = 'pg_authid'::regclass and refobjid = r.oid and deptype = 'o'), '[]') as "ownedObjects"
  from pg_roles r where r.rolname = $1::text`;

/** Databases in which a role owns or is granted anything; shared objects are released from the admin's own. */
export const databasesTouchedSql = `
select distinct coalesce(d.datname, current_database())::text as name
  from pg_shdepend s left join pg_database d on d.oid = s.dbid
 where s.refclassid = 'pg_authid'::regclass and s.refobjid = $1::text::oid`;

/**
 * Never by name: the sessions of a dropped role have none. Parallel workers end with their leader.
 * Materialized, because a planner is free to call pg_terminate_backend before the other conditions of one
 * `where`, on everybody's sessions.
 */
export const terminateSql = (oid: number): string => `
with doomed as materialized (
  select pid, pid || '@' || backend_start as session from pg_stat_activity
   where usesysid = ${oid} and backend_type = 'client backend' and pid <> pg_backend_pid())
select session from doomed where pg_terminate_backend(pid)`;

export const forbidLoginSql = (name: string): Template => template("alter role %I nologin", name);
export const permitLoginSql = (name: string): Template => template("alter role %I login", name);
export const dropSql = (name: string): Template => template("drop role %I", name);

export const releaseSql = (name: string, group: string): readonly Template[] => [
  template("reassign owned by %I to %I", name, group),
  template("drop owned by %I", name),
];

/** The right to release what the role owns: what a CREATEROLE role gets at creation is ADMIN without INHERIT. */
const selfGrant: Template = template("set local createrole_self_grant = 'inherit'");

export const createSql = (spec: RoleSpec): readonly Template[] => [
  selfGrant,
  template(
    "create role %I login connection limit %s password %L",
    spec.name,
    spec.connectionLimit,
    spec.verifier,
  ),
  ...sharedSql(spec),
];

export const reapplySql = (spec: RoleSpec): readonly Template[] => [
  template(
    "alter role %I connection limit %s password %L",
    spec.name,
    spec.connectionLimit,
    spec.verifier,
  ),
  ...sharedSql(spec),
];

function sharedSql(spec: RoleSpec): readonly Template[] {
  return [
    template("comment on role %I is %L", spec.name, spec.comment),
    template("grant %I to %I with inherit true, set true", spec.group, spec.name),
    template("alter role %I set role = %L", spec.name, spec.group),
    ...spec.memberships.map((membership) => membershipSql(spec.name, membership)),
    ...spec.settings.map((setting) => settingSql(spec.name, setting)),
  ];
}

function membershipSql(name: string, membership: Membership): Template {
  const { role, admin, inherit, set } = membership;
  return template(
    "grant %I to %I with admin %s, inherit %s, set %s",
    role,
    name,
    ...[admin, inherit, set].map(String),
  );
}

function settingSql(name: string, setting: RoleSetting): Template {
  const values = settingValues(setting);
  const list = values.map(() => "%L").join(", ");
  if (setting.database === undefined)
    return template(`alter role %I set %I = ${list}`, name, setting.name, ...values);
  const { database } = setting;
  return template(
    `alter role %I in database %I set %I = ${list}`,
    name,
    database,
    setting.name,
    ...values,
  );
}

// The catalog keeps these as lists of quoted names; every other value is one literal (pg_dump's dumputils.c).
const quotedLists = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "temp_tablespaces",
]);
const listElement = /\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)/gy;

/** The values to name in a SET so that the catalog keeps the same text again. */
export function settingValues(setting: Pick<RoleSetting, "name" | "value">): readonly string[] {
  if (!quotedLists.has(setting.name.toLowerCase())) return [setting.value];
  return [...setting.value.matchAll(listElement)]
    .filter(([whole]) => whole !== "")
    .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "");
}
