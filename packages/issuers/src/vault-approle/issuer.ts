import { assert, Fault } from "@rekey/domain";
import type {
  Call,
  Capabilities,
  Clock,
  Ended,
  Issuer,
  IssuerId,
  IssuerSettings,
  Minted,
  MintRequest,
  PrivilegeDifference,
  ProviderEntry,
  ProviderListing,
  ProviderVersion,
} from "@rekey/domain";
import { budgetOf } from "../budget.ts";
import { createAttempts } from "./attempts.ts";
import { bogusLogin } from "./bogus.ts";
import { eachBounded } from "./bounded.ts";
import type { AppRoleServer, RoleFacts, SecretIdFacts } from "./client.ts";
import { faultOf } from "./failure.ts";
import { createLockout, type UserLockout } from "./lockout.ts";
import { metadataOf, parseMark, sameMark, sameVersion } from "./mark.ts";
import { areWithin } from "./cidrs.ts";
import { boundsFor, differences } from "./privileges.ts";
import { probe } from "./probe.ts";
import { missingRights } from "./rights.ts";
import { settingsOf, settingsProblems } from "./settings.ts";
import { lookupsAtOnce } from "./token-marks.ts";
import { createTokenSweep, type TokenSweep } from "./tokens.ts";

export const vaultApproleCapabilities: Capabilities = {
  strategy: "dual",
  secretChosenBy: "issuer",
  canSuspend: false,
  canMark: true,
  canEnumerate: true,
  canProbe: true,
  probeAnswer: "weak",
  probeCountsAsFailedLogin: true,
  propagationMs: 0,
  derived: ["token"],
  canSweep: true,
};

export interface VaultApproleOptions {
  readonly instance: IssuerId;
  readonly server: AppRoleServer;
  /** Names of the endpoints that `server` logs in at. */
  readonly vantages: readonly string[];
  readonly userLockout: UserLockout;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
}

const secretIdsMax = 5_000;

/** A secret id per version of one AppRole role. */
export function vaultApprole(options: VaultApproleOptions): Issuer {
  const { instance, server, vantages, clock } = options;
  const tokens = createTokenSweep(server, clock);
  const lockout = createLockout(options);
  const prober = { server, attempts: createAttempts(clock), unlimited: lockout.isOff };
  return {
    kind: "vault-approle",
    instance,
    capabilities: vaultApproleCapabilities,
    vantages,
    checkSettings: settingsProblems,
    principalOf: () => undefined,
    propose: async () => cannot("vault-chooses"),
    mint: (request, call) => guarded(call, (budget) => mint(server, request, budget)),
    list: (_credential, settings, call) =>
      guarded(call, (budget) => list(server, settings, budget)),
    suspend: async () => cannot("no-suspension"),
    reinstate: async () => cannot("no-suspension"),
    sweep: (version, call) => guarded(call, (budget) => sweep({ server, tokens }, version, budget)),
    revoke: (version, call) =>
      guarded(call, (budget) => revoke({ server, tokens }, version, budget)),
    probe: (material, vantage, call) =>
      guarded(call, (budget) => probe(prober, { material, vantage }, budget)),
    bogus: bogusLogin,
    comparePrivileges: (older, newer, call) =>
      guarded(call, (budget) => compare(server, { older, newer }, budget)),
    check: (call) => guarded(call, (budget) => check(server, lockout.check, budget)),
    missingRights: ({ settings }, call) =>
      guarded(call, async (budget) =>
        missingRights(await server.rights(settingsOf(settings).role, budget)),
      ),
    // Where the whole server has lockout off, its mounts do not show it.
    ...(options.userLockout !== "off-at-server" && {
      loginRisk: (call: Call) => guarded(call, (budget) => server.loginRisk(budget)),
    }),
    close: async () => {
      tokens.close();
      await server.close();
    },
  };
}

async function guarded<Value>(call: Call, work: (budget: Call) => Promise<Value>): Promise<Value> {
  try {
    return await work(budgetOf(call));
  } catch (error) {
    throw faultOf(error);
  }
}

const cannot = (providerCode: string): never => {
  throw new Fault("PROVIDER_REJECTED", { providerCode });
};

interface Known {
  /** Alive when they were listed. */
  readonly secretIds: readonly SecretIdFacts[];
  readonly complete: boolean;
}

/** A secret id that is gone was destroyed since it was listed, unless it is listed again: then it could not be read. */
async function secretIdsOf(server: AppRoleServer, role: string, call: Call): Promise<Known> {
  const accessors = await server.accessors(role, call);
  const some = accessors.slice(0, secretIdsMax);
  const read = await eachBounded(some, lookupsAtOnce, async (accessor) => ({
    accessor,
    facts: await server.secretId({ role, accessor }, call),
  }));
  const gone = read.filter(({ facts }) => facts === undefined);
  const still = gone.length === 0 ? new Set() : new Set(await server.accessors(role, call));
  return {
    secretIds: read.flatMap(({ facts }) => facts ?? []),
    complete: some.length === accessors.length && !gone.some((one) => still.has(one.accessor)),
  };
}

async function list(
  server: AppRoleServer,
  settings: IssuerSettings,
  call: Call,
): Promise<ProviderListing> {
  const { secretIds, complete } = await secretIdsOf(server, settingsOf(settings).role, call);
  return { entries: secretIds.map(entryOf), complete };
}

// Past its end a secret id still logs in until Vault's tidy ran, so only what is not listed is not valid.
function entryOf({ accessor, metadata, createdAt }: SecretIdFacts): ProviderEntry {
  const mark = parseMark(metadata);
  return {
    principal: accessor,
    state: "valid",
    createdAt,
    ...(mark === undefined ? {} : { mark }),
  };
}

/** Vault shows a value once: what an earlier attempt made is found, but without its value. */
async function mint(server: AppRoleServer, request: MintRequest, call: Call): Promise<Minted> {
  const { mark, likePrincipal } = request;
  assert(sameVersion(mark, request.ref), "a mark names the version it is written on");
  const settings = settingsOf(request.settings);
  const { role } = settings;
  const facts = usable(await server.role(role, call));
  const { secretIds, complete } = await secretIdsOf(server, role, call);
  if (!complete) throw new Fault("PROVIDER_UNSURE", { providerCode: "list-incomplete" });
  const earlier = secretIds.find(({ metadata }) => {
    const theirs = parseMark(metadata);
    return theirs !== undefined && sameMark(theirs, mark);
  });
  if (earlier !== undefined) return { principal: earlier.accessor, outcome: "adopted" };
  const older = secretIds.find(({ accessor }) => accessor === likePrincipal);
  const bounds = boundsFor(settings, older);
  // Vault would answer 500, which looks like an outage of the whole provider.
  if (!areWithin(bounds, facts)) cannot("cidrs-beyond-role");
  const { accessor, value } = await server.create(
    { role, metadata: metadataOf(mark), ...bounds },
    call,
  );
  const fields = { role_id: facts.roleId, secret_id_accessor: accessor };
  return { principal: accessor, material: { fields, secret: value }, outcome: "created" };
}

/** A role without secret ids proves nothing, one that counts uses would be used up by probes, and batch tokens stay. */
function usable(role: RoleFacts): RoleFacts {
  if (!role.bindSecretId) cannot("bind-secret-id");
  if (role.secretIdNumUses !== 0) cannot("secret-id-num-uses");
  if (role.tokenType === "batch") cannot("batch-tokens");
  return role;
}

/** The secret id to act on; undefined when it is gone; a Fault when it may be somebody else's. */
async function oursOf(
  server: AppRoleServer,
  { ref, principal, rotation, settings }: ProviderVersion,
  call: Call,
): Promise<SecretIdFacts | undefined> {
  const { role } = settingsOf(settings);
  const found = await server.secretId({ role, accessor: principal }, call);
  if (found === undefined) return undefined;
  const mark = parseMark(found.metadata);
  // Two answers of one mint may be lost: then two have its mark, and the ledger gave the second a number of its own.
  const ours =
    mark?.credential === ref.credential &&
    (rotation === undefined ? mark.version === ref.version : mark.rotation === rotation);
  if (!ours) throw new Fault("PROVIDER_UNSURE", { providerCode: "other-mark" });
  return found;
}

interface Ending {
  readonly server: AppRoleServer;
  readonly tokens: TokenSweep;
}

async function revoke(
  { server, tokens }: Ending,
  version: ProviderVersion,
  call: Call,
): Promise<Ended> {
  const found = await oursOf(server, version, call);
  const { role } = settingsOf(version.settings);
  if (found !== undefined) await server.destroy({ role, accessor: found.accessor }, call);
  return { ended: await tokens.end(derivedFrom(version, found), call) };
}

async function sweep(
  { server, tokens }: Ending,
  version: ProviderVersion,
  call: Call,
): Promise<Ended> {
  const found = await oursOf(server, version, call);
  return { ended: await tokens.end(derivedFrom(version, found), call) };
}

/** A token's mark is its secret id's; of one that is gone it is known by the version's own names. */
function derivedFrom({ ref, rotation }: ProviderVersion, found: SecretIdFacts | undefined) {
  const mark = found === undefined ? undefined : parseMark(found.metadata);
  return (theirs: Parameters<typeof sameMark>[0]): boolean =>
    mark === undefined
      ? sameVersion(theirs, ref) && (rotation ?? theirs.rotation) === theirs.rotation
      : sameMark(theirs, mark);
}

async function compare(
  server: AppRoleServer,
  { older, newer }: { older: ProviderVersion; newer: ProviderVersion },
  call: Call,
): Promise<readonly PrivilegeDifference[]> {
  const settings = settingsOf(newer.settings);
  const factsOf = ({ principal }: ProviderVersion) =>
    server.secretId({ role: settings.role, accessor: principal }, call);
  const [before, after] = await Promise.all([factsOf(older), factsOf(newer)]);
  if (before === undefined) return [];
  if (after === undefined) return [{ path: "secret-id", expected: "present", found: "missing" }];
  return differences(before, after, settings);
}

const noToken = "rekey-check";

/** What every role needs. What one role needs is asked for when a version of it is made. */
async function check(
  server: AppRoleServer,
  checkLockout: (call: Call) => Promise<void>,
  call: Call,
): Promise<void> {
  await server.tokenAccessors(call);
  await server.tokenMetadata(noToken, call);
  await server.revokeToken(noToken, call);
  await checkLockout(call);
}
