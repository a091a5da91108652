import type { Call } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { segmentsOf, VaultError, vaultPath } from "@rekey/vault-client";
import type { VaultClient, VaultPath, VaultRequests } from "@rekey/vault-client";
import { z } from "zod";
import type {
  AppRoleServer,
  LoginAnswer,
  LoginRequest,
  NewSecretId,
  RoleFacts,
  SecretIdFacts,
  SecretIdName,
  SecretIdSpec,
} from "./client.ts";
import { asRead } from "./failure.ts";
import { rightsAt } from "./rights.ts";

/** One way in from outside, as consumers have it. `cluster`: every address, of which the active one is asked. */
export interface Vantage {
  readonly name: string;
  readonly client: VaultClient;
  readonly cluster: boolean;
}

export interface VaultConnections {
  /** With Rekey's own token. */
  readonly own: VaultClient;
  readonly vantages: readonly Vantage[];
  readonly mount: string;
}

/** AppRole of one mount, over the network. */
export function connectAppRole({ own, vantages, mount }: VaultConnections): AppRoleServer {
  const at = segmentsOf(mount);
  const list = (path: VaultPath, call: Call) => listed(own, path, call);
  return {
    role: (role, call) => roleFacts(own, { mount: at, role }, call),
    create: (spec, call) => created(own, { mount: at, spec }, call),
    accessors: (role, call) => list(vaultPath`auth/${at}/role/${role}/secret-id`, call),
    secretId: (name, call) => secretIdFacts(own, { mount: at, name }, call),
    destroy: (name, call) => destroyed(own, { mount: at, name }, call),
    tokenAccessors: (call) => list(tokenPaths.accessors, call),
    tokenMetadata: (accessor, call) => tokenMetadata(own, accessor, call),
    revokeToken: (accessor, call) => revokedToken(own, accessor, call),
    rights: (role, call) => rightsAt(own, { mount, role }, call),
    lockoutDisabled: (call) => lockoutDisabled(own, vaultPath`sys/mounts/auth/${at}/tune`, call),
    loginRisk: (call) => own.loginRisk(call),
    login: (request, call) => login(vantages, { request, mount: at }, call),
    close: async () => {
      await Promise.all([own, ...vantages.map(({ client }) => client)].map((one) => one.close()));
    },
  };
}

const tokenPaths = {
  accessors: vaultPath`auth/token/accessors`,
  lookup: vaultPath`auth/token/lookup-accessor`,
  revoke: vaultPath`auth/token/revoke-accessor`,
};

type Mount = readonly string[];

/** `changes`: the answer is to a write, which may have happened whatever is said of it. */
const parsed = <Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  changes = false,
): z.infer<Shape> => {
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  throw new VaultError({
    kind: "unreachable",
    providerCode: "GARBLED",
    unknownOutcome: changes,
  });
};

const names = z.array(z.string());

/** From the active node: a standby may list from the past. */
async function listed(own: VaultRequests, path: VaultPath, call: Call): Promise<string[]> {
  const query = { list: "true" };
  const { found, data } = await own.request({ method: "GET", path, query, atActive: true }, call);
  return found ? parsed(names, data["keys"]) : [];
}

const roleShape = z.object({
  bind_secret_id: z.boolean(),
  secret_id_num_uses: z.number(),
  token_type: z.string(),
  secret_id_bound_cidrs: z.array(z.string()).nullish(),
  token_bound_cidrs: z.array(z.string()).nullish(),
});
const roleIdShape = z.object({ role_id: z.string().min(1) });

async function roleFacts(
  own: VaultRequests,
  { mount, role }: { mount: Mount; role: string },
  call: Call,
): Promise<RoleFacts> {
  const settings = await own.read(vaultPath`auth/${mount}/role/${role}`, call);
  if (!settings.found)
    throw new VaultError({ kind: "not-found", providerCode: "NO_ROLE", status: settings.status });
  const facts = parsed(roleShape, settings.data);
  const { data } = await own.read(vaultPath`auth/${mount}/role/${role}/role-id`, call);
  return {
    roleId: parsed(roleIdShape, data).role_id,
    bindSecretId: facts.bind_secret_id,
    secretIdNumUses: facts.secret_id_num_uses,
    tokenType: facts.token_type,
    cidrs: facts.secret_id_bound_cidrs ?? [],
    tokenCidrs: facts.token_bound_cidrs ?? [],
  };
}

const createdShape = z.object({
  secret_id: z.string().min(1),
  secret_id_accessor: z.string().min(1),
});

async function created(
  own: VaultRequests,
  { mount, spec }: { mount: Mount; spec: SecretIdSpec },
  call: Call,
): Promise<NewSecretId> {
  const { role, metadata, cidrs, tokenCidrs } = spec;
  const body = {
    metadata: JSON.stringify(metadata),
    ...(cidrs.length === 0 ? {} : { cidr_list: cidrs }),
    ...(tokenCidrs.length === 0 ? {} : { token_bound_cidrs: tokenCidrs }),
  };
  const path = vaultPath`auth/${mount}/role/${role}/secret-id`;
  const { data } = await own.write(path, body, call);
  const { secret_id: value, secret_id_accessor: accessor } = parsed(createdShape, data, true);
  return { accessor, value: Secret.fromUtf8(value) };
}

const texts = z.record(z.string(), z.string()).nullable();
const secretIdShape = z.object({
  metadata: texts,
  creation_time: z.string(),
  expiration_time: z.string(),
  secret_id_num_uses: z.number(),
  cidr_list: names.nullable(),
  token_bound_cidrs: names.nullable(),
});

async function secretIdFacts(
  own: VaultRequests,
  { mount, name }: { mount: Mount; name: SecretIdName },
  call: Call,
): Promise<SecretIdFacts | undefined> {
  const { role, accessor } = name;
  const path = vaultPath`auth/${mount}/role/${role}/secret-id-accessor/lookup`;
  const asked = looked(() => own.write(path, { secret_id_accessor: accessor }, call));
  const data = await asked.catch(unlessRoleGone(own, vaultPath`auth/${mount}/role/${role}`, call));
  if (data === undefined) return undefined;
  const facts = parsed(secretIdShape, data);
  return {
    accessor,
    metadata: facts.metadata ?? {},
    createdAt: Date.parse(facts.creation_time),
    expiresAt: endOf(facts.expiration_time),
    numUses: facts.secret_id_num_uses,
    cidrs: facts.cidr_list ?? [],
    tokenCidrs: facts.token_bound_cidrs ?? [],
  };
}

/** The data of a lookup; undefined for what is gone: 404 without an error, 204, or `invalid accessor`. */
async function looked(
  ask: () => ReturnType<VaultRequests["write"]>,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { status, data } = await ask();
    return status === statusEmpty ? undefined : data;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw asRead(error);
  }
}

const statusEmpty = 204;

// Vault says it in several ways, some with a status that means something else: 400, 403, 404 and 500.
function isGone(error: unknown): boolean {
  if (!(error instanceof VaultError)) return false;
  const { kind, phrase } = error;
  if (phrase === "invalid-accessor" || phrase === "accessor-entry-missing") return true;
  // 403 `invalid secret id accessor`: destroyed in this very moment. Rekey's own login is refused in the same words.
  if (phrase === "invalid-role-or-secret-id") return kind === "denied";
  return kind === "not-found" && phrase === undefined;
}

const statusFailed = 500;

/** A role that was deleted took its secret ids along. Vault says so with 500, as if it were broken itself. */
const unlessRoleGone =
  (own: VaultRequests, role: VaultPath, call: Call) =>
  async (error: unknown): Promise<undefined> => {
    if (!(error instanceof VaultError) || error.status !== statusFailed) throw error;
    const { found } = await own.read(role, call);
    if (found) throw error;
  };

// Vault's zero time, 0001-01-01, means that there is no end.
const endOf = (text: string): number | undefined => {
  const at = Date.parse(text);
  return at > 0 ? at : undefined;
};

async function destroyed(
  own: VaultRequests,
  { mount, name }: { mount: Mount; name: SecretIdName },
  call: Call,
): Promise<void> {
  const { role, accessor } = name;
  const path = vaultPath`auth/${mount}/role/${role}/secret-id-accessor/destroy`;
  try {
    await own.write(path, { secret_id_accessor: accessor }, call);
  } catch (error) {
    // 500, which is no failure: somebody else destroyed it meanwhile.
    if (!isGone(error)) throw error;
  }
}

const tokenShape = z.object({ meta: texts });

async function tokenMetadata(own: VaultRequests, accessor: string, call: Call) {
  const data = await looked(() => own.write(tokenPaths.lookup, { accessor }, call));
  return data === undefined ? undefined : (parsed(tokenShape, data).meta ?? {});
}

/** Vault answers 204 for a token that it ended, and 200 with a warning for one that it does not know. */
async function revokedToken(own: VaultRequests, accessor: string, call: Call): Promise<boolean> {
  try {
    const { status } = await own.write(tokenPaths.revoke, { accessor }, call);
    return status === statusEmpty;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

async function lockoutDisabled(own: VaultRequests, path: VaultPath, call: Call): Promise<boolean> {
  const { data } = await own.read(path, call);
  return data["user_lockout_disable"] === true;
}

const loginShape = z.object({ accessor: z.string(), client_token: z.string().min(1) });

async function login(
  vantages: readonly Vantage[],
  { request, mount }: { request: LoginRequest; mount: Mount },
  call: Call,
): Promise<LoginAnswer> {
  const vantage = vantages.find(({ name }) => name === request.vantage);
  if (vantage === undefined) return { answer: "unknown", code: "no-such-endpoint" };
  const body = JSON.stringify({ role_id: request.roleId, secret_id: request.secretId.reveal() });
  const path = vaultPath`auth/${mount}/login`;
  const atActive = vantage.cluster;
  try {
    const requests = vantage.client.as(undefined);
    const { auth } = await requests.request({ method: "POST", path, body, atActive }, call);
    const accepted = loginShape.safeParse(auth);
    // A login that asks for a second factor has no token.
    if (!accepted.success) return { answer: "unknown", code: "no-token" };
    const { accessor } = accepted.data;
    return { answer: "accepted", token: accessor === "" ? undefined : accessor };
  } catch (error) {
    return refusalOf(error);
  }
}

const statusRefused = 400;

// Whatever is not the refusal of this very secret id is unknown: bounds on addresses are refused with 400 too.
function refusalOf(error: unknown): LoginAnswer {
  if (!(error instanceof VaultError)) throw error;
  const { kind, status, phrase, providerCode } = error;
  const plain = kind === "invalid" && status === statusRefused;
  const refused = plain && phrase === "invalid-role-or-secret-id";
  return { answer: refused ? "refused" : "unknown", code: providerCode };
}
