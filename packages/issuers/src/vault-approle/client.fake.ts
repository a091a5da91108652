import { randomUUID } from "node:crypto";
import { BlockList } from "node:net";
import type { Clock } from "@rekey/domain";
import { createFakeLock, fakeError } from "@rekey/vault-client/fake";
import type {
  FakeEngine,
  FakeLock,
  FakeReply,
  FakeRequest,
  FakeTokens,
  FakeTune,
} from "@rekey/vault-client/fake";

interface FakeSecretId {
  readonly value: string;
  readonly accessor: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  readonly tokenCidrs: readonly string[];
  readonly createdAt: number;
  /** Undefined: it does not end. */
  readonly endsAt: number | undefined;
  usesLeft: number;
}

interface FakeRole {
  readonly name: string;
  readonly roleId: string;
  readonly policies: readonly string[];
  readonly bindSecretId: boolean;
  readonly numUses: number;
  readonly secretIdTtlMs: number;
  readonly tokenType: string;
  readonly cidrs: readonly string[];
  readonly secretIds: Map<string, FakeSecretId>;
  readonly lock: FakeLock;
}

/** AppRole of one mount with the rules of Vault 1.21, seen on the real server: mount it below `auth/`. */
export interface FakeAppRole extends FakeEngine {
  /** What the once-a-minute tidy does: until then a secret id past its end logs in. */
  tidy(): void;
  /** The mount's settings, at `sys/mounts/auth/<mount>/tune`. */
  readonly tune: FakeTune;
}

interface World {
  readonly tokens: FakeTokens;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly roles: Map<string, FakeRole>;
  readonly tune: FakeTune;
}

const secondMs = 1_000;
const tokenTtlMs = 3_600_000;

export function createFakeAppRole(
  tokens: FakeTokens,
  clock: Pick<Clock, "monotonicMs">,
): FakeAppRole {
  const world: World = { tokens, clock, roles: new Map(), tune: { lockoutDisabled: false } };
  return {
    tune: world.tune,
    isOpen: (path) => path === "login",
    answer: (request) =>
      request.path === "login" ? login(world, request) : answer(world, request),
    tidy: () => tidy(world),
  };
}

const reply = (data: Readonly<Record<string, unknown>>, status = 200): FakeReply => ({
  status,
  body: { data },
});
const empty: FakeReply = { status: 204 };
const nothing = fakeError(404);
const refused = fakeError(400, "invalid role or secret ID");

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];

function answer(world: World, { method, path, body }: FakeRequest): FakeReply {
  const [, name = "", ...rest] = path.split("/");
  const below = rest.join("/");
  const role = world.roles.get(name.toLowerCase());
  if (below === "" && method === "POST") return addRole(world, name.toLowerCase(), body);
  if (below === "" && method === "DELETE") return deleteRole(world, name.toLowerCase());
  const missing = `role "${name}" does not exist`;
  if (below === "secret-id") {
    if (role === undefined) return fakeError(method === "LIST" ? 400 : 404, missing);
    return method === "LIST" ? list(role) : create(world, role, body);
  }
  if (below.startsWith("secret-id-accessor/")) {
    if (role === undefined) return fakeError(500, `1 error occurred:\n\t* ${missing}\n\n`);
    const accessor = text(body["secret_id_accessor"]);
    return below.endsWith("/lookup")
      ? lookup(world, role, accessor)
      : destroy(world, role, accessor);
  }
  if (role === undefined || method !== "GET") return nothing;
  return below === "role-id" ? reply({ role_id: role.roleId }) : reply(factsOf(role));
}

function addRole(world: World, name: string, body: FakeRequest["body"]): FakeReply {
  const { bind_secret_id: bound = true, secret_id_num_uses: uses = 0 } = body;
  const { secret_id_ttl: ttl = 0, token_type: tokenType = "default" } = body;
  world.roles.set(name, {
    name,
    roleId: randomUUID(),
    policies: texts(body["token_policies"]),
    bindSecretId: bound === true,
    numUses: Number(uses),
    secretIdTtlMs: Number(ttl) * secondMs,
    tokenType: text(tokenType),
    cidrs: texts(body["secret_id_bound_cidrs"]),
    secretIds: new Map(),
    lock: createFakeLock(world.clock, world.tune),
  });
  return empty;
}

/** Its secret ids go with it, its tokens stay. */
function deleteRole({ roles }: World, name: string): FakeReply {
  roles.delete(name);
  return empty;
}

const factsOf = (role: FakeRole): Readonly<Record<string, unknown>> => ({
  bind_secret_id: role.bindSecretId,
  secret_id_num_uses: role.numUses,
  secret_id_ttl: role.secretIdTtlMs / secondMs,
  token_policies: role.policies,
  token_type: role.tokenType,
  secret_id_bound_cidrs: role.cidrs.length === 0 ? null : role.cidrs,
  token_bound_cidrs: [],
});

const list = ({ secretIds }: FakeRole): FakeReply =>
  secretIds.size === 0
    ? nothing
    : reply({ keys: [...secretIds.values()].map(({ accessor }) => accessor) });

function create({ clock }: World, role: FakeRole, body: FakeRequest["body"]): FakeReply {
  const metadata = text(body["metadata"]);
  const secretId: FakeSecretId = {
    value: randomUUID(),
    accessor: randomUUID(),
    metadata: metadata === "" ? {} : (JSON.parse(metadata) as Record<string, string>),
    cidrs: texts(body["cidr_list"]),
    tokenCidrs: texts(body["token_bound_cidrs"]),
    createdAt: Date.now(),
    endsAt: role.secretIdTtlMs === 0 ? undefined : clock.monotonicMs() + role.secretIdTtlMs,
    usesLeft: role.numUses,
  };
  role.secretIds.set(secretId.value, secretId);
  return reply({ secret_id: secretId.value, secret_id_accessor: secretId.accessor });
}

const byAccessor = (role: FakeRole, accessor: string): FakeSecretId | undefined =>
  [...role.secretIds.values()].find((one) => one.accessor === accessor);

/** Accessors belong to the mount: that of another role is known, and shows nothing. */
const ofAnother = (world: World, accessor: string): boolean =>
  [...world.roles.values()].some((role) => byAccessor(role, accessor) !== undefined);

const gone = (accessor: string): string =>
  `failed to find accessor entry for secret_id_accessor: "${accessor}"`;
const noEnd = "0001-01-01T00:00:00Z";

function lookup(world: World, role: FakeRole, accessor: string): FakeReply {
  const found = byAccessor(role, accessor);
  if (found === undefined)
    return ofAnother(world, accessor) ? empty : reply({ error: gone(accessor) }, 404);
  const leftMs = found.endsAt === undefined ? undefined : found.endsAt - world.clock.monotonicMs();
  return reply({
    secret_id_accessor: accessor,
    metadata: found.metadata,
    cidr_list: found.cidrs,
    token_bound_cidrs: found.tokenCidrs,
    secret_id_num_uses: found.usesLeft,
    creation_time: new Date(found.createdAt).toISOString(),
    expiration_time: leftMs === undefined ? noEnd : new Date(Date.now() + leftMs).toISOString(),
  });
}

function destroy(world: World, role: FakeRole, accessor: string): FakeReply {
  const found = byAccessor(role, accessor);
  if (found === undefined)
    return ofAnother(world, accessor)
      ? fakeError(403, "invalid secret id accessor")
      : fakeError(500, `1 error occurred:\n\t* ${gone(accessor)}\n\n`);
  role.secretIds.delete(found.value);
  return empty;
}

function login(world: World, { body }: FakeRequest): FakeReply {
  const role = [...world.roles.values()].find(({ roleId }) => roleId === text(body["role_id"]));
  // A role that is not there counts towards no lock.
  if (role === undefined) return refused;
  if (role.lock.isLocked()) return fakeError(403, "permission denied");
  const value = text(body["secret_id"]);
  const found = role.secretIds.get(value);
  if (role.bindSecretId && found === undefined) {
    role.lock.refused();
    return refused;
  }
  if (found !== undefined && !isNear(found.cidrs)) return fakeError(400, farAway);
  if (found !== undefined && found.usesLeft > 0 && (found.usesLeft -= 1) === 0)
    role.secretIds.delete(value);
  role.lock.letIn();
  const metadata = { ...found?.metadata, role_name: role.name };
  const { tokens } = world;
  const policies = ["default", ...role.policies];
  return tokens.authOf(tokens.create({ policies, ttlMs: tokenTtlMs, metadata }));
}

const farAway =
  'source address "127.0.0.1" unauthorized through CIDR restrictions on the secret ID';

/** Everybody who talks to the fake is at 127.0.0.1. */
function isNear(cidrs: readonly string[]): boolean {
  const allowed = new BlockList();
  for (const [address = "", bits = ""] of cidrs.map((cidr) => cidr.split("/")))
    allowed.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  return cidrs.length === 0 || allowed.check("127.0.0.1");
}

function tidy({ roles, clock }: World): void {
  for (const { secretIds } of roles.values())
    for (const [value, { endsAt = Infinity }] of secretIds)
      if (endsAt <= clock.monotonicMs()) secretIds.delete(value);
}
