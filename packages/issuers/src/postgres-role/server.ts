import type { Call } from "@rekey/domain";
import type {
  AdminFacts,
  Member,
  RoleFacts,
  RightsFacts,
  RightsRequest,
  RolePrivileges,
  RoleServer,
  RoleSetting,
} from "./client.ts";
import { tryLogin } from "./connect.ts";
import type { Admin, Session } from "./connect.ts";
import { ServerFailure } from "./failure.ts";
import { followAdmin, type FollowedConnection } from "./follow.ts";
import { holdLogin } from "./held-login.ts";
import {
  adminSql,
  createSql,
  databasesTouchedSql,
  dropSql,
  forbidLoginSql,
  membersMax,
  membersSql,
  permitLoginSql,
  privilegesSql,
  reapplySql,
  releaseSql,
  renderSql,
  rightsSql,
  roleSql,
  terminateSql,
} from "./sql.ts";
import type { Template } from "./sql.ts";

/**
 * PostgreSQL 16 or newer, over the network. What stops a version has connections of its own: it never waits
 * for one that planned work holds, such as a release that waits for a table's lock.
 */
export function connectRoleServer(options: FollowedConnection): RoleServer {
  const planned = followAdmin(options);
  const urgent = followAdmin(options);
  return {
    ...plannedCalls(planned),
    ...urgentCalls(urgent),
    login: (request, call) => tryLogin(request, call, options.tls),
    holdLogin: (request, call) => holdLogin(request, call, options.tls),
    close: async () => {
      await Promise.all([planned.close(), urgent.close()]);
    },
  };
}

type UrgentCalls = "role" | "forbidLogin" | "terminate";

const urgentCalls = (admin: Admin): Pick<RoleServer, UrgentCalls> => ({
  role: (name, call) => admin.use(call, (session) => roleFacts(session, name)),
  forbidLogin: (role, call) =>
    admin.use(call, async (session) =>
      sessionNames(await commit(session, [forbidLoginSql(role.name)], terminateSql(role.oid))),
    ),
  terminate: (role, call) => admin.use(call, (session) => terminate(session, role.oid)),
});

function plannedCalls(
  admin: Admin,
): Omit<RoleServer, UrgentCalls | "login" | "holdLogin" | "close"> {
  const change = async (call: Call, templates: readonly Template[]): Promise<void> => {
    await admin.use(call, (session) => commit(session, templates, ""));
  };
  return {
    admin: (call) => admin.use(call, adminFacts),
    create: (spec, call) => change(call, createSql(spec)),
    reapply: (spec, call) => change(call, reapplySql(spec)),
    permitLogin: (role, call) => change(call, [permitLoginSql(role.name)]),
    release: (role, group, call) => release(admin, { role, group }, call),
    drop: (role, call) => change(call, [dropSql(role.name)]),
    members: (group, prefix, call) => admin.use(call, (session) => members(session, group, prefix)),
    rights: (request, call) => admin.use(call, (session) => rightsFacts(session, request)),
    privileges: (name, call) => admin.use(call, (session) => privileges(session, name)),
  };
}

// One round trip renders, one commits: `afterwards` runs in the same message, after the commit, and its rows are answered.
async function commit(
  session: Session,
  templates: readonly Template[],
  afterwards: string,
): Promise<readonly Record<string, unknown>[]> {
  const rendered = await session.query(renderSql, [JSON.stringify(templates)]);
  const limit = `set local statement_timeout = ${session.remainingMs()}`;
  const statements = ["begin", limit, ...rendered.map((row) => String(row["sql"])), "commit"];
  return await session.query([...statements, afterwards].join(";\n"));
}

async function adminFacts(session: Session): Promise<AdminFacts> {
  const [row] = await session.query(adminSql);
  return row as unknown as AdminFacts;
}

async function rightsFacts(
  session: Session,
  { group, database, roles }: RightsRequest,
): Promise<RightsFacts> {
  const [row] = await session.query(rightsSql, [group, database, roles]);
  return row as unknown as RightsFacts;
}

async function roleFacts(session: Session, name: string): Promise<RoleFacts | undefined> {
  const [row] = await session.query(roleSql, [name]);
  if (row === undefined) return undefined;
  const facts = row as { name: string; oid: string; canLogin: boolean; own: boolean };
  return { ...facts, oid: Number(facts.oid), comment: commentOf(row) };
}

const commentOf = (row: Record<string, unknown>): string | undefined =>
  (row["comment"] as string | null) ?? undefined;

async function terminate(session: Session, oid: number): Promise<readonly string[]> {
  return sessionNames(await session.query(terminateSql(oid)));
}

const sessionNames = (rows: readonly Record<string, unknown>[]): readonly string[] =>
  rows.map((row) => String(row["session"]));

async function release(
  admin: Admin,
  { role, group }: { role: RoleFacts; group: string },
  call: Call,
): Promise<void> {
  const rows = await admin.use(call, (session) =>
    session.query(databasesTouchedSql, [String(role.oid)]),
  );
  const templates = releaseSql(role.name, group);
  for (const row of rows)
    await admin.useIn(String(row["name"]), call, (session) => commit(session, templates, ""));
}

async function members(session: Session, group: string, prefix: string) {
  const [found] = await session.query(roleSql, [group]);
  if (found === undefined) throw new ServerFailure({ code: "42704", sent: false });
  const rows = await session.query(membersSql, [found["oid"], prefix]);
  const listed = rows.slice(0, membersMax).map((row) => ({
    ...(row as unknown as Member),
    comment: commentOf(row),
  }));
  return { members: listed, complete: rows.length <= membersMax };
}

type PrivilegesRow = Omit<RolePrivileges, "validUntil" | "settings"> & {
  readonly validUntil: number | null;
  readonly settings: readonly { readonly database: string | null; readonly setting: string }[];
};

async function privileges(session: Session, name: string): Promise<RolePrivileges | undefined> {
  const [row] = await session.query(privilegesSql, [name]);
  if (row === undefined) return undefined;
  const facts = row as unknown as PrivilegesRow;
  return {
    ...facts,
    validUntil: facts.validUntil ?? undefined,
    settings: facts.settings.map(({ database, setting }) => settingOf(database, setting)),
  };
}

function settingOf(database: string | null, text: string): RoleSetting {
  const equals = text.indexOf("=");
  return {
    database: database ?? undefined,
    name: text.slice(0, equals),
    value: text.slice(equals + 1),
  };
}
