import type { BareCalls } from "../children/bare-calls.ts";
import type { Child } from "../children/child.ts";
import type { Spent } from "../children/clocked.ts";
import type { EngineCalls } from "../children/engine-calls.ts";
import type { RotationFigures } from "../report/figures.ts";
import { median, spreadOf } from "../report/statistics.ts";
import type { Sizes } from "../sizes.ts";
import type { Asking } from "../world/asking.ts";
import { membersOf } from "../world/inventory.ts";
import { familiesOf, type World } from "../world/world.ts";

interface RotationOptions {
  readonly world: World;
  readonly sizes: Sizes;
  readonly engine: Child<EngineCalls>;
  readonly bare: Child<BareCalls>;
  readonly concurrency: number;
  readonly note: (text: string) => void;
}

interface Round {
  readonly engine: Spent;
  readonly bare: Spent;
  readonly commits: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** The bench compares two traces before it compares two times. Throws where bare asks anything else than the engine. */
export const assertSameTrace = async ({ engine, bare, sizes }: RotationOptions): Promise<void> => {
  const families = familiesOf(sizes);
  const [planned = ""] = membersOf(families.plans);
  const [rotation = ""] = await engine.ask("open", [planned]);
  const ours = await engine.ask("trace", rotation);
  await engine.ask("settle", null);
  const theirs = await bare.ask("trace", membersOf(families.bare)[0] ?? "");
  const [left, right] = [ours.join(" "), theirs.join(" ")];
  if (left !== right)
    throw new Error(`bare does not ask what the engine asks:\n  engine ${left}\n  bare   ${right}`);
};

/** Planned rotations without consumers and the bare calls in turn, so many in flight. */
export const measureRotations = async (options: RotationOptions): Promise<RotationFigures> => {
  const { sizes, note, concurrency } = options;
  const rounds: Round[] = [];
  for (let round = 0; round < sizes.rounds; round += 1) {
    note(`${concurrency} in flight, round ${round + 1} of ${sizes.rounds}`);
    rounds.push(await roundOf(options));
  }
  return figuresOf(rounds, sizes.rotationsPerRound);
};

const roundOf = async (options: RotationOptions): Promise<Round> => {
  const { world, sizes, engine, bare, concurrency } = options;
  const families = familiesOf(sizes);
  const rotations = await engine.ask("open", membersOf(families.plans));
  const before = await commitsOf(world.ledger);
  const spent = await engine.ask("rotate", { rotations, concurrency });
  const commits = (await commitsOf(world.ledger)) - before;
  const steps = await stepsOf(world.ledger, rotations);
  await engine.ask("settle", null);
  const credentials = membersOf(families.bare).slice(0, sizes.rotationsPerRound);
  const without = await bare.ask("rotate", { credentials, concurrency });
  return { engine: spent, bare: without, commits: commits / rotations.length, steps };
};

/** Transactions that wrote: each took one number. The server's statistics would tell of them some seconds later. */
const commitsOf = async (ledger: Asking): Promise<number> => {
  const [row] = await ledger.rows<{ next: string }>(
    "select pg_snapshot_xmax(pg_current_snapshot())::text as next",
  );
  return Number(row?.next);
};

const stepsText = `
  with told as (
    select rotation, type, at,
      convert_from(canonical, 'utf8')::jsonb #>> '{detail,step}' as step
      from rekey.audit_events where rotation = any($1::uuid[])
      and type in ('rotation.step-intended', 'rotation.step-confirmed')
  )
  select split_part(i.step, '#', 1) as step,
      percentile_cont(0.5) within group (order by extract(epoch from c.at - i.at)) * 1000 as ms
    from told i join told c on c.rotation = i.rotation and c.step = i.step
    where i.type = 'rotation.step-intended' and c.type = 'rotation.step-confirmed'
    group by 1 order by min(i.at)`;

const stepsOf = async (
  ledger: Asking,
  rotations: readonly string[],
): Promise<Readonly<Record<string, number>>> => {
  const rows = await ledger.rows<{ step: string; ms: number }>(stepsText, [rotations]);
  return Object.fromEntries(rows.map(({ step, ms }) => [step, Number(ms)]));
};

const figuresOf = (rounds: readonly Round[], rotations: number): RotationFigures => {
  const wall = spreadOf(rounds.map(({ engine, bare }) => bare.wallMs / engine.wallMs));
  const cpu = spreadOf(rounds.map(({ engine, bare }) => bare.cpuMs / engine.cpuMs));
  const of = (value: (round: Round) => number): number => median(rounds.map(value));
  const steps = Object.keys(rounds[0]?.steps ?? {});
  return {
    rounds: rounds.length,
    rotationsPerRound: rotations,
    ratioWall: wall.median,
    ratioWallLow: wall.low,
    ratioWallHigh: wall.high,
    ratioCpu: cpu.median,
    ratioCpuLow: cpu.low,
    ratioCpuHigh: cpu.high,
    perSecond: of(({ engine }) => (rotations / engine.wallMs) * 1_000),
    barePerSecond: of(({ bare }) => (rotations / bare.wallMs) * 1_000),
    cpuMs: of(({ engine }) => engine.cpuMs / rotations),
    bareCpuMs: of(({ bare }) => bare.cpuMs / rotations),
    commits: of((round) => round.commits),
    stepMs: Object.fromEntries(steps.map((step) => [step, of((round) => round.steps[step] ?? 0)])),
  };
};
