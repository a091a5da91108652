import { credentialId, type Capabilities, type Policy } from "@rekey/domain";
import type { Random } from "@rekey/testkit";
import { deedsOf } from "./deeds.fixture.ts";
import { oracleOf, watchEffects, type Held } from "./oracle.fixture.ts";
import { Died, openSmallWorld, type SmallWorld } from "./small-world.fixture.ts";

/** Kinds of providers a run may meet. */
export const profiles: Readonly<Record<string, Partial<Capabilities>>> = {
  role: {},
  weak: { probeAnswer: "weak" },
  key: { secretChosenBy: "issuer", canMark: false, versionsMax: 2, propagationMs: 4_000 },
  tagged: { secretChosenBy: "issuer", probeAnswer: "weak" },
  unstoppable: { canSuspend: false, probeAnswer: "weak" },
  unseen: { canProbe: false },
  single: { strategy: "in-place" },
};

const policies: readonly Partial<Policy>[] = [
  {},
  { onExposure: "replace-first" },
  { graceOver: { planned: "retire", incident: "retire" } },
  { reversibleForMs: 120_000 },
];

interface Run {
  readonly world: SmallWorld;
  readonly random: Random;
  readonly deeds: ReturnType<typeof deedsOf>;
  readonly held: Held;
  /** Faults are over: everything heals. */
  calm: boolean;
}

const deaths = 0.04;
const stops = 0.04;
const lostAnswers = 0.06;
const failures = 0.03;
const deedsMax = 7;

/** One run from a seed: random causes at random moments, workers that die, answers that are lost, then rest. */
export const randomRun = async (seed: number, profile: string): Promise<SmallWorld> => {
  const run = await begin(seed, profile);
  const { world, random } = run;
  const count = 2 + random.integer(deedsMax);
  for (let done = 0; done < count; done += 1) {
    await randomDeed(run);
    for (let works = random.integer(4); works > 0; works -= 1) await someWork(run);
    if (random.next() < 0.5) await world.clock.advance(random.integer(40_000));
  }
  run.calm = true;
  await comeToRest(run);
  return world;
};

const begin = async (seed: number, profile: string): Promise<Run> => {
  const consumers = seed % 3 === 0 ? [] : ["billing"];
  const world = await openSmallWorld({
    seed,
    capabilities: profiles[profile] ?? {},
    consumers,
    policy: {
      allowListedProof: true,
      allowOutage: true,
      graceMs: 60_000,
      ...policies[seed % policies.length],
    },
  });
  const held: Held = new Map();
  const run: Run = {
    world,
    random: world.random.fork("run"),
    deeds: deedsOf(world),
    held,
    calm: true,
  };
  const oracle = oracleOf(world, held);
  disturb(run);
  world.at = async (place) => {
    oracle.now();
    await Promise.resolve();
    if (run.calm || world.thawing) return;
    const draw = run.random.next();
    if (draw < deaths) throw new Died(place);
    // A late stop of the one identity would stop its successor: such issuers are not frozen here.
    if (draw < deaths + stops && profile !== "single") await world.freeze();
  };
  await run.deeds.begin();
  for (const consumer of consumers) held.set(consumer, 1);
  run.calm = false;
  return Object.assign(run, { oracle });
};

const disturb = ({ world, random }: Run & { calm: boolean }): void => {
  const watch = watchEffects(world);
  world.provider.disturb = async ({ kind, call }) => {
    watch(kind, call.key);
    await Promise.resolve();
    const calm = runs.get(world)?.calm !== false;
    const draw = random.next();
    if (calm || draw > lostAnswers + failures) return "as asked";
    return draw < lostAnswers ? "lose the answer" : "fail before";
  };
};

const runs = new WeakMap<SmallWorld, Run>();

const someWork = async (run: Run): Promise<void> => {
  runs.set(run.world, run);
  const { world, random, deeds, held } = run;
  const hints = await world.due();
  if (hints.length > 0) await world.work(random.pick(hints));
  else await world.clock.advance(1_000 + random.integer(5_000));
  if (random.next() < 0.15) await world.thaw();
  if (random.next() < 0.3) await world.relay();
  if (random.next() < 0.2) await consumersMove(run);
  if (random.next() < 0.1) await world.ledger.endForeignHolds({ worker: "nobody" });
  (run as Run & { oracle: ReturnType<typeof oracleOf> }).oracle.now();
  void deeds;
  void held;
};

/** A consumer reads its document and says so. */
const consumersMove = async ({ world, deeds, held }: Run): Promise<void> => {
  const current = (await deeds.versions()).find((one) => one.label === "current");
  const value = world.shelf.read("main");
  if (current === undefined || value === undefined || !world.provider.letsIn(value)) return;
  for (const consumer of held.keys()) {
    held.set(consumer, current.number);
    await deeds.move(consumer, current.number);
  }
};

const randomDeed = async (run: Run): Promise<void> => {
  runs.set(run.world, run);
  const { random, deeds, world } = run;
  const versions = await deeds.versions();
  const any = versions.length === 0 ? 1 : random.pick(versions).number;
  const draw = random.next();
  if (draw < 0.3) return await deeds.leak(`main#${any}`);
  if (draw < 0.36) return await deeds.leak("main");
  if (draw < 0.56) return await deeds.wish();
  if (draw < 0.62) return await deeds.offboard();
  if (draw < 0.72) return await decideCase(run);
  if (draw < 0.82) return await decideRotation(run);
  if (draw < 0.88) return foreigner(world, random);
  if (draw < 0.94) return await consumersMove(run);
  return await world.clock.advance(random.integer(90_000));
};

const people = ["sso:ada", "sso:grace", "local:me"];

const decideCase = async ({ random, deeds }: Run): Promise<void> => {
  const open = (await deeds.cases()).filter((one) => one.state.at !== "closed");
  if (open.length === 0) return;
  const { id } = random.pick(open);
  const by = random.pick(people);
  const dismissed = { type: "dismiss", by, reason: "a false alarm" } as const;
  await deeds.tell({ kind: "case", id }, random.next() < 0.6 ? dismissed : { type: "approve", by });
};

const decideRotation = async ({ random, deeds }: Run): Promise<void> => {
  const active = await deeds.active();
  if (active === undefined) return;
  const by = random.pick(people);
  const input =
    random.next() < 0.6
      ? ({ type: "undo", by } as const)
      : ({ type: "resume", by, cutOff: random.next() < 0.3 } as const);
  await deeds.tell({ kind: "rotation", id: active.id }, input);
};

const foreigner = (world: SmallWorld, random: Random): void => {
  const alive = [...world.provider.accounts.values()].filter(({ group }) => group === "main");
  const max = world.provider.issuer.capabilities.versionsMax ?? Infinity;
  if (alive.length < max - 1) world.provider.addForeign("main", `by-hand-${random.integer(1e6)}`);
};

/** Faults are over, consumers move, people answer what is asked: everything has to end. */
const comeToRest = async (run: Run): Promise<void> => {
  runs.set(run.world, run);
  const { world, deeds } = run;
  const { oracle } = run as Run & { oracle: ReturnType<typeof oracleOf> };
  await world.thaw();
  const rested = async (): Promise<boolean> => {
    oracle.now();
    await consumersMove(run);
    await answer(run);
    return (await deeds.allClosed()) && (await deeds.active()) === undefined;
  };
  await world.until(rested, 7_200_000, 5_000);
  await oracle.atRest();
};

/** What waits for a person gets a person. */
const answer = async ({ world, deeds }: Run): Promise<void> => {
  const active = await deeds.active();
  for (const { principal, foreign, group } of world.provider.accounts.values())
    if (foreign && group === "main" && active !== undefined)
      await world.ledger.acknowledgeForeign({
        credential: credentialId("main"),
        principal,
        actor: { id: "sso:ada", authenticated: "jwt", roles: ["operator"] },
        reason: "known",
      });
  if (active?.state.at === "halted") {
    // A person who is shown what cannot be told apart ends it at the provider.
    const { code, providerCode = "" } = active.state.halt;
    if (code === "PROVIDER_UNSURE" && world.provider.accounts.get(providerCode)?.foreign === false)
      world.provider.accounts.delete(providerCode);
    await deeds.tell(
      { kind: "rotation", id: active.id },
      { type: "resume", by: "sso:ada", cutOff: true },
    );
  }
};
