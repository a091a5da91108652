import { randomBytes } from "node:crypto";
import { assert, Fault } from "@rekey/domain";
import type {
  Call,
  Capabilities,
  Ended,
  Issuer,
  IssuerId,
  Material,
  Minted,
  MintRequest,
  ProviderListing,
  ProviderVersion,
} from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { guarded } from "./guarded.ts";
import type { Member, RoleFacts, RoleServer, RoleSpec } from "./client.ts";
import { ServerFailure } from "./failure.ts";
import { markPrefix, markText, parseMark, principalName, sameMark, sameVersion } from "./mark.ts";
import { copiedFrom, differences } from "./privileges.ts";
import { missingRights } from "./rights.ts";
import { scramVerifier } from "./scram.ts";
import { settingsOf, settingsProblems } from "./settings.ts";
import { endSessions } from "./sweep.ts";
import { prepareProbe, probe, type Endpoint } from "./tries.ts";

export const postgresRoleCapabilities: Capabilities = {
  strategy: "dual",
  secretChosenBy: "rekey",
  canSuspend: true,
  canMark: true,
  canEnumerate: true,
  canProbe: true,
  probeAnswer: "strong",
  probeCountsAsFailedLogin: false,
  propagationMs: 0,
  derived: ["session"],
  canSweep: true,
};

export interface PostgresRoleOptions {
  readonly instance: IssuerId;
  readonly server: RoleServer;
  /** At least one; the first is what `propose` puts into the material. */
  readonly endpoints: readonly Endpoint[];
}

const versionMin = 160_000;
const mintAttemptsMax = 5;
/** 24 random bytes are 32 url-safe characters. */
const secretBytes = 24;

/** A login role per version inside a group role. */
export function postgresRole({ instance, server, endpoints }: PostgresRoleOptions): Issuer {
  return {
    kind: "postgres-role",
    instance,
    capabilities: postgresRoleCapabilities,
    vantages: endpoints.map(({ name }) => name),
    checkSettings: settingsProblems,
    principalOf: (ref) => principalName(ref),
    propose: async (ref, settings) =>
      materialOf(principalName(ref), settingsOf(settings).database, endpoints),
    mint: (request, call) => guarded(call, (budget) => mint(server, request, budget)),
    list: (credential, settings, call) =>
      guarded(call, async (budget) =>
        listingOf(await server.members(settingsOf(settings).group, markPrefix(credential), budget)),
      ),
    suspend: (version, call) => guarded(call, (budget) => suspend(server, version, budget)),
    reinstate: (version, call) => guarded(call, (budget) => reinstate(server, version, budget)),
    sweep: (version, call) => guarded(call, (budget) => sweep(server, version, budget)),
    revoke: (version, call) => guarded(call, (budget) => revoke(server, version, budget)),
    probe: (material, vantage, call) =>
      guarded(call, (budget) => probe({ server, endpoints }, { material, vantage }, budget)),
    prepareProbe: (material, vantage, call) =>
      prepareProbe({ server, endpoints }, { material, vantage }, call),
    bogus: (material) => ({ fields: material.fields, secret: newSecret() }),
    comparePrivileges: (older, newer, call) =>
      guarded(call, (budget) => compare(server, { older, newer }, budget)),
    check: (call) => guarded(call, (budget) => check(server, budget)),
    missingRights: ({ settings, principals: roles }, call) =>
      guarded(call, async (budget) => {
        const { group, database } = settingsOf(settings);
        return missingRights(await server.rights({ group, database, roles }, budget));
      }),
    close: () => server.close(),
  };
}

const newSecret = (): Secret => Secret.fromUtf8(randomBytes(secretBytes).toString("base64url"));

function materialOf(username: string, database: string, endpoints: readonly Endpoint[]): Material {
  const [first] = endpoints;
  assert(first !== undefined, "a postgres-role instance has at least one endpoint");
  const fields = { username, database, host: first.host, port: String(first.port) };
  return { fields, secret: newSecret() };
}

async function mint(server: RoleServer, request: MintRequest, call: Call): Promise<Minted> {
  assert(sameVersion(request.mark, request.ref), "a mark names the version it is written on");
  const spec = await specOf(server, request, call);
  for (let attempt = 1; ; attempt += 1) {
    const found = await server.role(spec.name, call);
    assertOurs(found, request);
    try {
      if (found !== undefined) await server.reapply(spec, call);
      else await server.create(spec, call);
      return { principal: spec.name, outcome: found === undefined ? "created" : "adopted" };
    } catch (error) {
      if (!isRace(error) || attempt === mintAttemptsMax) throw error;
    }
  }
}

async function specOf(server: RoleServer, request: MintRequest, call: Call): Promise<RoleSpec> {
  assert(request.material !== undefined, "the value of a role is staged before it is minted");
  const settings = settingsOf(request.settings);
  const { likePrincipal } = request;
  const older =
    likePrincipal === undefined ? undefined : await server.privileges(likePrincipal, call);
  return {
    name: principalName(request.ref),
    group: settings.group,
    comment: markText(request.mark),
    verifier: await scramVerifier(request.material.secret),
    ...copiedFrom(older, settings),
  };
}

// A role of our name with another mark, or none, was not made by this rotation: setting its password would
// lock somebody out.
function assertOurs(found: RoleFacts | undefined, { mark }: MintRequest): void {
  if (found === undefined) return;
  const theirs = parseMark(found.comment);
  if (theirs === undefined || !sameMark(theirs, mark))
    throw new Fault("PROVIDER_UNSURE", { providerCode: "42710" });
}

const takenMeanwhile = new Set(["42710", "23505", "42704"]);
const isRace = (error: unknown): boolean =>
  error instanceof ServerFailure && (error.concurrent || takenMeanwhile.has(error.code));

/** The role to act on; undefined when it is gone; a Fault when it may be somebody else's. */
async function roleOf(
  server: RoleServer,
  { ref, principal, rotation }: ProviderVersion,
  call: Call,
): Promise<RoleFacts | undefined> {
  const found = await server.role(principal, call);
  if (found === undefined) return undefined;
  if (found.own) throw new Fault("PROVIDER_REJECTED", { providerCode: "own-role" });
  const mark = parseMark(found.comment);
  // An adopted role has no mark and a name of its own; without a mark, a name of ours proves nothing.
  const ours =
    mark === undefined
      ? principal !== principalName(ref)
      : sameVersion(mark, ref) && (rotation ?? mark.rotation) === mark.rotation;
  if (!ours) throw new Fault("PROVIDER_UNSURE", { providerCode: "other-mark" });
  return found;
}

// What was told to end is waited for here, so that the sweep after it does not count it a second time.
async function suspend(server: RoleServer, version: ProviderVersion, call: Call): Promise<Ended> {
  const role = await roleOf(server, version, call);
  if (role === undefined) return { ended: 0 };
  const before = await stopped(server, role, call);
  return { ended: before.length === 0 ? 0 : await endSessions(server, { role, before }, call) };
}

/** NOLOGIN; names the sessions that were told to end with it. */
async function stopped(
  server: RoleServer,
  role: RoleFacts,
  call: Call,
): Promise<readonly string[]> {
  const told: string[] = [];
  await unlessGone(
    server,
    role,
    call,
  )(async () => {
    told.push(...(await server.forbidLogin(role, call)));
  });
  return told;
}

async function reinstate(server: RoleServer, version: ProviderVersion, call: Call): Promise<void> {
  const role = await roleOf(server, version, call);
  if (role === undefined) throw new Fault("PROVIDER_REJECTED", { providerCode: missing });
  await repeated(() => server.permitLogin(role, call));
}

async function sweep(server: RoleServer, version: ProviderVersion, call: Call): Promise<Ended> {
  const role = await roleOf(server, version, call);
  return { ended: role === undefined ? 0 : await endSessions(server, { role }, call) };
}

// Sessions first: those of a dropped role live on without a name.
async function revoke(server: RoleServer, version: ProviderVersion, call: Call): Promise<Ended> {
  const role = await roleOf(server, version, call);
  if (role === undefined) return { ended: 0 };
  const { group } = settingsOf(version.settings);
  const step = unlessGone(server, role, call);
  const before = role.canLogin ? await stopped(server, role, call) : [];
  const ended = await endSessions(server, { role, before }, call);
  await step(() => server.release(role, group, call));
  await step(() => server.drop(role, call));
  return { ended };
}

const missing = "42704";

/** Somebody else may have dropped the role meanwhile: then there is nothing left to end. */
const unlessGone =
  (server: RoleServer, role: RoleFacts, call: Call) =>
  async (change: () => Promise<void>): Promise<void> => {
    try {
      await repeated(change);
    } catch (error) {
      if (!(error instanceof ServerFailure) || error.code !== missing) throw error;
      // The group may be the one that is missing.
      if ((await server.role(role.name, call)) !== undefined) throw error;
    }
  };

const changeAttemptsMax = 5;

/** Two sessions changing one role fail one of them; nothing happened, so it is simply tried again. */
async function repeated(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      const race = error instanceof ServerFailure && error.concurrent;
      if (!race || attempt === changeAttemptsMax) throw error;
    }
  }
}

function listingOf(listing: { members: readonly Member[]; complete: boolean }): ProviderListing {
  const entries = listing.members.map(({ name, canLogin, comment, sessions }) => {
    const mark = parseMark(comment);
    const state = canLogin ? ("valid" as const) : ("suspended" as const);
    return {
      principal: name,
      state,
      derivedAlive: sessions,
      ...(mark === undefined ? {} : { mark }),
    };
  });
  return { entries, complete: listing.complete };
}

async function compare(
  server: RoleServer,
  { older, newer }: { older: ProviderVersion; newer: ProviderVersion },
  call: Call,
) {
  const before = await server.privileges(older.principal, call);
  const after = await server.privileges(newer.principal, call);
  if (before === undefined) return [];
  if (after === undefined) return [{ path: "role", expected: "present", found: "missing" }];
  return differences(before, after, settingsOf(newer.settings));
}

async function check(server: RoleServer, call: Call): Promise<void> {
  const facts = await server.admin(call);
  if (facts.standby) throw new Fault("PROVIDER_UNREACHABLE", { providerCode: "standby" });
  if (facts.version < versionMin)
    throw new Fault("PROVIDER_REJECTED", { providerCode: "server-version" });
  if (!facts.createRole) throw new Fault("PROVIDER_DENIED", { providerCode: "createrole" });
}
