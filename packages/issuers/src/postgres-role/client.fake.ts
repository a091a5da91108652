import type { Call } from "@rekey/domain";
import type { ReplyFault } from "../issuer.suite.ts";
import type {
  LoginRefusal,
  LoginRequest,
  Membership,
  RoleFacts,
  RolePrivileges,
  RoleServer,
  RoleSetting,
  RoleSpec,
} from "./client.ts";
import { deadlineOf } from "./deadline.ts";
import { ServerFailure } from "./failure.ts";
import { verifierAccepts } from "./verifier.fake.ts";
import { rightsOf } from "./rights.fake.ts";

interface FakeRole {
  readonly oid: number;
  readonly name: string;
  canLogin: boolean;
  verifier?: string | undefined;
  comment?: string | undefined;
  connectionLimit: number;
  validUntil?: number | undefined;
  readonly attributes: string[];
  readonly memberships: Map<string, Membership>;
  settings: RoleSetting[];
}

/** An object or privilege somewhere in the cluster that depends on a role. */
interface Dependency {
  readonly id: string;
  readonly kind: "owned" | "granted";
  oid: number;
}

interface FakeSession {
  readonly pid: number;
  readonly oid: number;
  /** Ends with `pg_terminate_backend` only: NOLOGIN, another password and DROP ROLE leave it open. */
  readonly open: boolean;
  /** A table of the session's role, or, `as: "login"`, after `set role none`. */
  createTable(as?: "group" | "login"): void;
}

/** One PostgreSQL cluster in memory, with its rules for roles; `server` is what the issuer sees of it. */
export interface FakePostgres {
  readonly server: RoleServer;
  readonly roles: ReadonlyMap<string, FakeRole>;
  addRole(name: string, options?: Partial<Omit<FakeRole, "oid" | "name">>): FakeRole;
  join(member: string, group: string): void;
  grantTable(name: string): void;
  /** Throws ServerFailure with the SQLSTATE of a refused login. */
  openSession(request: LoginRequest): FakeSession;
  ownerOf(kind: "owned" | "granted"): readonly (string | undefined)[];
  /** The `nth` effect from now. */
  failReply(fault: ReplyFault, nth: number): void;
  /** True when a fault was still waiting. */
  healReplies(): boolean;
  denyEffects(denied: boolean): void;
  /** Every login is answered with this, as while the server starts. */
  refuseLogins(refusal: LoginRefusal | undefined): void;
}

interface World {
  readonly roles: Map<string, FakeRole>;
  readonly sessions: Map<number, { readonly oid: number; open: boolean }>;
  dependencies: Dependency[];
  next: number;
  fault: { readonly kind: ReplyFault; remaining: number } | undefined;
  denied: boolean;
  refusal: LoginRefusal | undefined;
}

const adminRole = "rekey_admin";
const nameBytesMax = 63;

export function fakePostgres(): FakePostgres {
  const world: World = {
    roles: new Map(),
    sessions: new Map(),
    dependencies: [],
    next: 16_384,
    fault: undefined,
    denied: false,
    refusal: undefined,
  };
  addRole(world, adminRole, { canLogin: true, attributes: ["createrole"] });
  return {
    server: serverOf(world),
    roles: world.roles,
    addRole: (name, options) => addRole(world, name, options),
    join: (member, group) => join(world, member, group),
    grantTable: (name) => depend(world, required(world, name).oid, "granted"),
    openSession: (request) => openSession(world, request),
    ownerOf: (kind) =>
      world.dependencies.filter((one) => one.kind === kind).map(({ oid }) => nameOf(world, oid)),
    failReply: (kind, nth) => (world.fault = { kind, remaining: nth }),
    healReplies: () => {
      const waiting = world.fault !== undefined;
      world.fault = undefined;
      return waiting;
    },
    denyEffects: (denied) => (world.denied = denied),
    refuseLogins: (refusal) => (world.refusal = refusal),
  };
}

const refuse = (code: string): never => {
  throw new ServerFailure({ code, sent: true });
};

const required = (world: World, name: string): FakeRole => world.roles.get(name) ?? refuse("42704");

const nameOf = (world: World, oid: number): string | undefined =>
  [...world.roles.values()].find((role) => role.oid === oid)?.name;

function addRole(
  world: World,
  name: string,
  options: Partial<Omit<FakeRole, "oid" | "name">> = {},
): FakeRole {
  // The server cuts longer names without an error; a caller that relies on it is wrong.
  if (Buffer.byteLength(name) > nameBytesMax || name.includes("\0")) refuse("42622");
  if (world.roles.has(name)) refuse("42710");
  const empty = { canLogin: false, connectionLimit: -1, attributes: [], settings: [] };
  const role = { ...empty, memberships: new Map(), ...options, name, oid: (world.next += 1) };
  world.roles.set(name, role);
  return role;
}

function join(world: World, member: string, group: string): void {
  required(world, group);
  const plain = { role: group, admin: false, inherit: true, set: true };
  required(world, member).memberships.set(group, plain);
}

function depend(world: World, oid: number, kind: Dependency["kind"]): void {
  world.dependencies.push({ id: `${(world.next += 1)}`, kind, oid });
}

function openSession(world: World, request: LoginRequest): FakeSession {
  const refusal = loginRefusal(world, request);
  if (refusal !== undefined) refuse(refusal.code);
  const { oid, settings } = required(world, request.user);
  const pid = (world.next += 1);
  const session = { oid, open: true };
  world.sessions.set(pid, session);
  const group = settings.find(({ name }) => name === "role")?.value;
  return {
    pid,
    oid,
    get open() {
      return session.open;
    },
    createTable(as = "group") {
      const owner = as === "group" && group !== undefined ? required(world, group).oid : oid;
      depend(world, owner, "owned");
    },
  };
}

// In the server's order: password first, then whether the role may log in, then its limit.
function loginRefusal(world: World, request: LoginRequest): LoginRefusal | undefined {
  if (world.refusal !== undefined) return world.refusal;
  const role = world.roles.get(request.user);
  if (role === undefined || expired(role) || !verifierAccepts(role.verifier, request.password))
    return refusalOf("28P01", `password authentication failed for user "${request.user}"`);
  if (!role.canLogin)
    return {
      ...refusalOf("28000", `role "${request.user}" is not permitted to log in`),
      routine: "InitializeSessionUserId",
    };
  if (role.connectionLimit >= 0 && sessionsOf(world, role.oid).length >= role.connectionLimit)
    return refusalOf("53300", `too many connections for role "${request.user}"`);
  return undefined;
}

const refusalOf = (code: string, message: string): LoginRefusal => ({
  code,
  message,
  routine: "auth_failed",
});

const expired = (role: FakeRole): boolean => (role.validUntil ?? Infinity) < Date.now();

const sessionsOf = (world: World, oid: number): number[] =>
  [...world.sessions].filter(([, one]) => one.oid === oid && one.open).map(([pid]) => pid);

function serverOf(world: World): RoleServer {
  const effect = <Value>(call: Call, change: () => Value) => applied(world, call, change);
  return {
    admin: async () => ({
      version: 180_004,
      createRole: !world.denied,
      standby: false,
    }),
    rights: async (asked) => rightsOf(asked, world.roles.has(asked.group), !world.denied),
    role: async (name) => factsOf(world, name),
    create: (spec, call) =>
      effect(call, () => apply(world, addRole(world, spec.name, { canLogin: true }), spec)),
    reapply: (spec, call) => effect(call, () => apply(world, required(world, spec.name), spec)),
    forbidLogin: (role, call) =>
      effect(call, () => {
        required(world, role.name).canLogin = false;
        return terminate(world, role.oid);
      }),
    permitLogin: (role, call) =>
      effect(call, () => void (required(world, role.name).canLogin = true)),
    terminate: async (role) => terminate(world, role.oid),
    release: (role, group, call) => effect(call, () => release(world, role, group)),
    drop: (role, call) => effect(call, () => drop(world, role)),
    members: async (group, prefix) => ({ members: members(world, group, prefix), complete: true }),
    privileges: async (name) => privilegesOf(world, name),
    login: async (request) => loginRefusal(world, request),
    holdLogin: (request) => ({
      finish: async () => loginRefusal(world, request),
      drop: () => undefined,
    }),
    close: async () => undefined,
  };
}

async function applied<Value>(world: World, call: Call, change: () => Value): Promise<Value> {
  if (world.denied) refuse("42501");
  const value = change();
  if (world.fault === undefined || --world.fault.remaining > 0) return value;
  const { kind } = world.fault;
  world.fault = undefined;
  if (kind === "lost") throw new ServerFailure({ code: "connection-lost", sent: true });
  const deadline = deadlineOf(call);
  return await deadline
    .race(new Promise<never>(() => undefined), true)
    .finally(() => deadline.clear());
}

function factsOf(world: World, name: string): RoleFacts | undefined {
  const role = world.roles.get(name);
  if (role === undefined) return undefined;
  const { oid, canLogin, comment } = role;
  return { name, oid, canLogin, comment, own: name === adminRole };
}

function apply(world: World, role: FakeRole, spec: RoleSpec): void {
  for (const name of [spec.group, ...spec.memberships.map((one) => one.role)])
    required(world, name);
  join(world, spec.name, spec.group);
  for (const membership of spec.memberships) role.memberships.set(membership.role, membership);
  role.comment = spec.comment;
  role.verifier = spec.verifier;
  role.connectionLimit = spec.connectionLimit;
  const group = { database: undefined, name: "role", value: spec.group };
  role.settings = [group, ...spec.settings];
}

function terminate(world: World, oid: number): string[] {
  const ended = sessionsOf(world, oid);
  for (const session of world.sessions.values()) if (session.oid === oid) session.open = false;
  return ended.map(String);
}

function release(world: World, role: RoleFacts, group: string): void {
  const { oid } = required(world, group);
  for (const one of world.dependencies)
    if (one.oid === role.oid && one.kind === "owned") one.oid = oid;
  world.dependencies = world.dependencies.filter((one) => one.oid !== role.oid);
}

function drop(world: World, { name, oid }: RoleFacts): void {
  required(world, name);
  if (world.dependencies.some((one) => one.oid === oid)) refuse("2BP01");
  world.roles.delete(name);
}

function members(world: World, group: string, prefix: string) {
  required(world, group);
  return [...world.roles.values()]
    .filter(({ name }) => name !== adminRole)
    .filter((role) => role.memberships.has(group) || role.comment?.startsWith(prefix))
    .map(({ name, oid, canLogin, comment }) => ({
      name,
      canLogin,
      comment,
      sessions: sessionsOf(world, oid).length,
    }));
}

function privilegesOf(world: World, name: string): RolePrivileges | undefined {
  const role = world.roles.get(name);
  if (role === undefined) return undefined;
  const { attributes, connectionLimit, validUntil, memberships, settings, oid } = role;
  const objects = (kind: Dependency["kind"]): string[] =>
    world.dependencies.filter((one) => one.oid === oid && one.kind === kind).map(({ id }) => id);
  const grantedObjects = objects("granted");
  const ownedObjects = objects("owned");
  const held = { memberships: [...memberships.values()], settings, grantedObjects, ownedObjects };
  return { attributes, connectionLimit, validUntil, ...held };
}
