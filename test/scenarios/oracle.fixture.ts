import { type EffectEntry, type Rotation, type Version } from "@rekey/domain";
import type { SmallWorld } from "./small-world.fixture.ts";

/** What consumers hold: a version each, none before they took the first. */
export type Held = Map<string, number>;

export interface Oracle {
  /** At any instant: throws for a promise that is broken right now. */
  now(): void;
  /** When everything has ended: throws for what is left, doubled or forgotten. */
  atRest(): Promise<void>;
}

const fail = (what: string): never => {
  throw new Error(`broken promise: ${what}`);
};

interface Tables {
  readonly versions: readonly Version[];
  readonly rotations: readonly Rotation[];
  readonly effects: readonly EffectEntry[];
  readonly ended: ReadonlySet<string>;
  /** An end without successor was asked for once. */
  readonly offboarded: ReadonlySet<string>;
  /** Irreversibly stopped for an exposure that was a false alarm afterwards. */
  readonly endedByExposure: ReadonlySet<string>;
}

const tablesOf = ({ ledger }: SmallWorld): Tables => {
  const { tables } = ledger.state();
  const versions = [...(tables.versions?.values() ?? [])];
  const exposed = new Set(
    [...(tables.audit?.values() ?? [])].flatMap((row) =>
      row.type === "version.exposed" ? (/"version":(\d+)/.exec(row.canonical)?.[1] ?? []) : [],
    ),
  );
  const offboarded = new Set(
    [...(tables.audit?.values() ?? [])].flatMap((row) =>
      row.canonical.includes('"wanted":"none"') ? (row.credential ?? []) : [],
    ),
  );
  return {
    versions,
    offboarded,
    endedByExposure: new Set(
      versions
        .filter(({ life, number }) => life !== "valid" && exposed.has(String(number)))
        .filter(({ life }) => life === "ending" || life === "revoked")
        .map(({ credential, number }) => `${credential}#${number}`),
    ),
    rotations: [...(tables.rotations?.values() ?? [])],
    effects: [...(tables.effects?.values() ?? [])],
    ended: new Set(
      [...(tables.holds?.values() ?? [])].flatMap((row) => (row.ended ? [row.credential] : [])),
    ),
  };
};

/** The provider's truth against what was promised: no table is believed about what is alive. */
export const oracleOf = (world: SmallWorld, held: Held): Oracle => {
  const foreign = new Set<string>();
  const { provider, shelf } = world;
  const watchIntents = watchEffects(world);
  shelf.asked = (effect, call) => watchIntents(effect, call.key);
  return {
    now: () => {
      for (const account of provider.accounts.values())
        if (account.foreign) foreign.add(account.principal);
      for (const principal of foreign)
        if (provider.accounts.get(principal)?.state !== "valid")
          fail(`${principal} is not ours and was touched (I16)`);
      const tables = tablesOf(world);
      readersWork(world, tables);
      holdersWork(world, { tables, held });
      provenIsDead(world, tables);
    },
    atRest: async () => await atRest(world, tablesOf(world)),
  };
};

/** Excused: contained by an exposure, or to end without successor. */
const isExcused = (tables: Tables, credential: string, number: number): boolean => {
  const version = tables.versions.find(
    (one) => one.credential === credential && one.number === number,
  );
  return (
    version?.exposedAt !== undefined ||
    tables.endedByExposure.has(`${credential}#${number}`) ||
    (version?.label === "previous" && tables.offboarded.has(credential)) ||
    tables.ended.has(credential) ||
    tables.rotations.some((one) => one.credential === credential && one.wanted === "none") ||
    tables.rotations.some(
      (one) =>
        one.credential === credential &&
        [...one.plan.map(({ key }) => key), one.open?.key].includes(`reinstate#${number}`),
    ) ||
    tables.rotations.some(
      (one) => one.credential === credential && [...one.done, one.open?.key].some(isCutover),
    )
  );
};

const isCutover = (key: string | undefined): boolean => key?.startsWith("cutover#") === true;

/** I17: who knows nothing of Rekey reads a working value. */
const readersWork = ({ shelf, provider }: SmallWorld, tables: Tables): void => {
  for (const { credential, number, label } of tables.versions) {
    if (label !== "current" || isExcused(tables, credential, number)) continue;
    const value = shelf.read(credential);
    if (value !== undefined && !provider.letsIn(value) && !lagging(tables, credential))
      fail(`readers of ${credential} get a value that is refused (I17)`);
  }
};

/** The store may be one promotion ahead of the record, towards a version that works, or back from an exposed one. */
const lagging = (tables: Tables, credential: string): boolean =>
  tables.versions.some((one) => one.credential === credential && one.exposedAt !== undefined);

/** I2: what a consumer holds works, unless it was cut off on record. */
const holdersWork = (
  { shelf, provider }: SmallWorld,
  { tables, held }: { readonly tables: Tables; readonly held: Held },
): void => {
  for (const [consumer, number] of held) {
    const value = shelf.version("main", number);
    if (value === undefined || isExcused(tables, "main", number) || provider.letsIn(value))
      continue;
    const cutOff = tables.rotations.some(
      (one) => one.credential === "main" && (one.cutOff || one.unmoved.includes(consumer)),
    );
    if (!cutOff) fail(`${consumer} is locked out with version ${number} (I2)`);
  }
};

/** I4: revoked has a proof, and the provider agrees. */
const provenIsDead = ({ shelf, provider }: SmallWorld, tables: Tables): void => {
  for (const { credential, number, life, proof, provenDeadAt } of tables.versions) {
    if (life !== "revoked") continue;
    if (proof === undefined || provenDeadAt === undefined)
      fail(`${credential}#${number} is revoked without a proof (I4)`);
    const value = shelf.version(credential, number);
    if (value !== undefined && provider.letsIn(value))
      fail(`${credential}#${number} is recorded as dead and works (I4)`);
  }
};

const stepsFor: Readonly<Record<string, readonly string[]>> = {
  mint: ["mint", "cutover"],
  suspend: ["contain", "retire", "prove"],
  reinstate: ["reinstate"],
  sweep: ["contain", "retire", "prove"],
  revoke: ["revoke", "prove", "attest"],
  stage: ["stage", "cutover"],
  promote: ["promote", "cutover"],
};

/** Every effect is asked under an intent that is committed by then, with its audit row. */
export const watchEffects = (world: SmallWorld) => {
  return (effect: string, key: string): void => {
    // A worker that goes on after it was stopped may still send what it had intended before: I7 absorbs it.
    if (world.thawing) return;
    const [rotation = "", kind = ""] = key.split("/");
    if (kind === "watch") return intendedByWatch(world, rotation);
    const row = world.ledger.state().tables.rotations?.get(rotation);
    const open = row?.open?.key ?? "";
    if (open.split("#")[0] !== kind || stepsFor[effect]?.includes(kind) !== true)
      fail(`${effect} under "${key}" while "${open}" is intended`);
    const audited = auditRows(world).some(
      (one) => one.rotation === rotation && one.canonical.includes(`"step":"${open}"`),
    );
    if (!audited) fail(`${effect} without an audit row of its intent (I6)`);
  };
};

const intendedByWatch = (world: SmallWorld, watch: string): void => {
  const row = world.ledger.state().tables.watches?.get(watch);
  const said = auditRows(world).some(
    (one) => one.rotation === row?.rotation && one.canonical.includes("is forgotten now"),
  );
  if (!said) fail("a kept value is destroyed without an audit row (I6)");
};

const auditRows = ({ ledger }: SmallWorld) => [...(ledger.state().tables.audit?.values() ?? [])];

const atRest = async (world: SmallWorld, tables: Tables): Promise<void> => {
  const { ledger, provider, shelf } = world;
  for (const { credential } of await ledger.credentials({ limit: 100 })) {
    const current = tables.versions.filter(
      (one) => one.credential === credential.id && one.label === "current" && one.life === "valid",
    );
    const wanted = current.map((one) => one.principal ?? "").sort();
    const there = [...provider.accounts.values()]
      .filter((account) => account.group === credential.id && !account.foreign)
      .map((account) => account.principal);
    if (JSON.stringify(there.sort()) !== JSON.stringify(wanted))
      fail(
        `the provider has [${there.join()}] of ${credential.id}, current is [${wanted.join()}] (I3)`,
      );
    const value = shelf.read(credential.id);
    const works = value !== undefined && provider.letsIn(value);
    if (works !== current.length > 0) fail(`${credential.id}: what readers get works: ${works}`);
    if (credential.ended && current.length > 0) fail(`${credential.id} has ended and lives (I15)`);
  }
  const debt = await ledger.debt({ limit: 100 });
  if (debt.length > 0) fail(`owed and not settled: ${JSON.stringify(debt)} (2)`);
  oneEndEach(world, tables);
  mintsAreFew(world);
};

const terminal: ReadonlySet<string> = new Set([
  "rotation.completed",
  "rotation.undone",
  "rotation.withdrawn",
  "rotation.would-have",
]);

const oneEndEach = (world: SmallWorld, tables: Tables): void => {
  const rows = auditRows(world);
  for (const { id, state } of tables.rotations) {
    const ends = rows.filter((one) => one.rotation === id && terminal.has(one.type));
    if (ends.length !== 1) fail(`rotation ${id} (${state.at}) has ${ends.length} ends (I6)`);
  }
  for (const { id, about } of world.ledger.state().tables.cases?.values() ?? []) {
    const ends = rows.filter(
      (one) => one.case === id && (one.type === "case.closed" || one.type === "case.dismissed"),
    );
    if (ends.length !== 1) fail(`case ${about} has ${ends.length} ends (I6)`);
  }
};

/** I8: an account is made once, and again only after an answer that was lost. */
const mintsAreFew = (world: SmallWorld): void => {
  const made = world.provider.applied.filter(({ kind }) => kind === "mint").length;
  const intents = auditRows(world).filter(
    ({ type, canonical }) =>
      type === "rotation.step-intended" && /"step":"(mint|cutover)#/.test(canonical),
  ).length;
  if (made > intents) fail(`${made} mints for ${intents} intents (I8)`);
};
