import {
  Fault,
  type Call,
  type Capabilities,
  type Issuer,
  type IssuerId,
  type Mark,
  type Material,
  type MintRequest,
  type ProbeReply,
  type ProviderEntry,
  type ProviderVersion,
  type VersionRef,
} from "@rekey/domain";
import { Secret } from "@rekey/secret";

/** One account at the provider, as it is there. */
interface Account {
  readonly principal: string;
  readonly group: string;
  secret: Secret;
  state: "valid" | "suspended";
  /** Open now; whichever call ends them counts them. */
  sessions: number;
  readonly mark?: Mark;
  readonly createdAt: number;
  readonly foreign: boolean;
  /** From when on everybody sees its last change. */
  settledAt: number;
}

type EffectKind = "mint" | "suspend" | "reinstate" | "sweep" | "revoke";

/** What a test may do to one effect: fail before it, lose its answer, or keep it waiting. */
type Disturb = (effect: {
  readonly kind: EffectKind;
  readonly principal: string | undefined;
  readonly call: Call;
}) => Promise<"as asked" | "fail before" | "lose the answer">;

export interface FakeProvider {
  readonly issuer: Issuer;
  readonly accounts: Map<string, Account>;
  /** Every effect that was applied, in order. */
  readonly applied: { readonly kind: EffectKind; readonly principal: string }[];
  /** Whether somebody outside Rekey gets in with it. */
  letsIn(material: Material): boolean;
  /** Somebody else's account in the same group. */
  addForeign(group: string, principal: string): Account;
  disturb: Disturb;
  away: boolean;
  /** Asks nobody for the right value: `names` lets every live account in, `all` whatever is sent. */
  trusting: "nobody" | "names" | "all";
}

export interface ProviderOptions {
  readonly instance: IssuerId;
  readonly capabilities: Capabilities;
  readonly vantages?: readonly string[];
  readonly now: () => number;
  readonly newId: () => string;
}

/** A provider in memory that honours whatever its capabilities say: marks, limits, lost answers, slow propagation. */
export const fakeProvider = (options: ProviderOptions): FakeProvider => {
  const accounts = new Map<string, Account>();
  const world: FakeProvider = {
    issuer: undefined as unknown as Issuer,
    accounts,
    applied: [],
    letsIn: (material) => truth(accounts, material),
    addForeign: (group, principal) => {
      const account: Account = {
        principal,
        group,
        secret: secretOf(options.newId()),
        state: "valid",
        sessions: 0,
        createdAt: options.now(),
        foreign: true,
        settledAt: 0,
      };
      accounts.set(principal, account);
      return account;
    },
    disturb: async () => await Promise.resolve("as asked"),
    away: false,
    trusting: "nobody",
  };
  return Object.assign(world, { issuer: issuerOf(world, options) });
};

const secretOf = (text: string): Secret => Secret.fromUtf8(`secret-${text}`);

const truth = (accounts: FakeProvider["accounts"], { fields, secret }: Material): boolean => {
  const account = accounts.get(fields["username"] ?? "");
  return account?.state === "valid" && account.secret.equals(secret as Secret);
};

const principalOf = (ref: VersionRef, { strategy, secretChosenBy }: Capabilities) => {
  if (strategy === "in-place") return `${ref.credential}-only`;
  return secretChosenBy === "rekey" ? `${ref.credential}-v${ref.version}` : undefined;
};

const issuerOf = (world: FakeProvider, options: ProviderOptions): Issuer => {
  const { capabilities, instance, vantages = ["primary"] } = options;
  const effect = effectOn(world, options);
  const listed = (group: string): readonly Account[] =>
    [...world.accounts.values()].filter((account) => account.group === group);
  const at = ({ principal }: ProviderVersion): Account | undefined => world.accounts.get(principal);
  return {
    kind: "fake",
    instance,
    capabilities,
    vantages,
    checkSettings: () => [],
    principalOf: (ref) => principalOf(ref, capabilities),
    propose: async (ref) =>
      await Promise.resolve({
        fields: { username: principalOf(ref, capabilities) ?? "" },
        secret: secretOf(options.newId()),
      }),
    mint: async (request, call) =>
      await effect("mint", { principal: undefined, call }, () => mint(world, request, options)),
    list: async (credential, _settings, call) => {
      refuseAway(world, call);
      return await Promise.resolve({
        entries: listed(credential).map((account) => entryOf(account)),
        complete: true,
      });
    },
    suspend: async (version, call) =>
      await effect("suspend", { principal: version.principal, call }, () => {
        const account = at(version);
        if (account !== undefined) account.state = "suspended";
        return ending(account, endedBySuspension);
      }),
    reinstate: async (version, call) =>
      await effect("reinstate", { principal: version.principal, call }, () => {
        const account = at(version);
        if (account === undefined) throw new Fault("PROVIDER_REJECTED");
        account.state = "valid";
      }),
    sweep: async (version, call) =>
      await effect("sweep", { principal: version.principal, call }, () => ending(at(version))),
    revoke: async (version, call) =>
      await effect("revoke", { principal: version.principal, call }, () => {
        const account = at(version);
        const replaced = account?.mark?.version !== version.ref.version;
        if (capabilities.strategy === "in-place" && replaced) return { ended: 0 };
        world.accounts.delete(version.principal);
        return ending(account);
      }),
    probe: async (material, vantage, call) => {
      refuseAway(world, call);
      return await Promise.resolve(probe(world, { material, vantage }, options));
    },
    bogus: (material) => ({ fields: material.fields, secret: secretOf("bogus") }),
    comparePrivileges: async () => await Promise.resolve([]),
    check: async () => await Promise.resolve(),
    close: async () => await Promise.resolve(),
  };
};

/** Disabling ends the session that is being logged in; open ones live until they are swept. */
const endedBySuspension = 1;

/** Ends sessions, each counted by the call that ended it. */
const ending = (account: Account | undefined, most = Infinity): { readonly ended: number } => {
  if (account === undefined) return { ended: 0 };
  const ended = Math.min(account.sessions, most);
  account.sessions -= ended;
  return { ended };
};

const entryOf = (account: Account): ProviderEntry => ({
  principal: account.principal,
  state: account.state,
  createdAt: account.createdAt,
  derivedAlive: account.sessions,
  ...(account.foreign ? { lastUsedAt: account.createdAt } : {}),
  ...(account.mark === undefined ? {} : { mark: account.mark }),
});

const refuseAway = (world: FakeProvider, call: Call): void => {
  if (call.deadlineMs <= 0) throw new Error("a call without time left");
  if (world.away || call.signal.aborted) throw new Fault("PROVIDER_UNREACHABLE");
};

const effectOn =
  (world: FakeProvider, { now, capabilities }: ProviderOptions) =>
  async <Value>(
    kind: EffectKind,
    { principal, call }: { readonly principal: string | undefined; readonly call: Call },
    change: () => Value,
  ): Promise<Value> => {
    refuseAway(world, call);
    const how = await world.disturb({ kind, principal, call });
    if (how === "fail before") throw new Fault("PROVIDER_THROTTLED");
    const value = change();
    const touched = principal ?? (value as { principal?: string } | undefined)?.principal ?? "";
    world.applied.push({ kind, principal: touched });
    const account = world.accounts.get(touched);
    if (account !== undefined && kind !== "sweep")
      account.settledAt = now() + capabilities.propagationMs;
    if (how === "lose the answer") throw new Fault("PROVIDER_TIMEOUT", { unknownOutcome: true });
    return value;
  };

const mint = (world: FakeProvider, request: MintRequest, options: ProviderOptions) => {
  const { capabilities, newId, now } = options;
  const { ref, mark } = request;
  const issuerChooses = capabilities.secretChosenBy === "issuer";
  const known = principalOf(ref, capabilities);
  const marked = [...world.accounts.values()].find(
    (account) =>
      account.mark?.credential === ref.credential && account.mark.version === ref.version,
  );
  if (marked !== undefined) return { principal: marked.principal, outcome: "adopted" as const };
  const principal = known ?? `key-${newId().slice(-12)}`;
  const others = [...world.accounts.values()].filter(
    (account) => account.group === ref.credential && account.principal !== principal,
  );
  if (others.length >= (capabilities.versionsMax ?? Infinity))
    throw new Fault("PROVIDER_NEEDS_SLOT");
  const secret = issuerChooses ? secretOf(newId()) : (request.material?.secret as Secret);
  world.accounts.set(principal, {
    principal,
    group: ref.credential,
    secret,
    state: "valid",
    sessions: 0,
    createdAt: now(),
    foreign: false,
    settledAt: now() + capabilities.propagationMs,
    ...(capabilities.canMark ? { mark } : {}),
  });
  const outcome = "created" as const;
  return issuerChooses
    ? { principal, outcome, material: { fields: { username: principal }, secret } }
    : { principal, outcome };
};

/** A disabled account is named as such only to somebody with the right password, and only by a strong provider. */
const probe = (
  world: FakeProvider,
  { material, vantage }: { readonly material: Material; readonly vantage: string },
  { capabilities }: ProviderOptions,
): ProbeReply => {
  const account = world.accounts.get(material.fields["username"] ?? "");
  const trusted =
    world.trusting === "all" || (world.trusting === "names" && account?.state === "valid");
  if (trusted || truth(world.accounts, material))
    return { answer: "alive", strength: "strong", code: "ok", vantage };
  // Who is not asked for a value is told at once that the account is disabled, or that there is none.
  const right =
    world.trusting === "names" || account?.secret.equals(material.secret as Secret) === true;
  const strength = right && capabilities.probeAnswer === "strong" ? "strong" : "weak";
  return { answer: "dead", strength, code: "refused", vantage };
};
