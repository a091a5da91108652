import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceKind, ServiceProcess } from "@rekey/service-set";
import { waitFor } from "@rekey/stack";
import type { BareCalls } from "../children/bare-calls.ts";
import type { Child } from "../children/child.ts";
import type { LeakFigures } from "../report/figures.ts";
import { median, percentile, spreadOf } from "../report/statistics.ts";
import type { Sizes } from "../sizes.ts";
import { alertOf, type Leaked } from "../world/alerts.ts";
import { membersOf } from "../world/inventory.ts";
import { followOutput, type Output } from "../world/marks.ts";
import { familiesOf, type World } from "../world/world.ts";
import { mainOfKind } from "./mains.ts";

export type Layout = "oneProcess" | "separate";

interface LeakOptions {
  readonly world: World;
  readonly sizes: Sizes;
  readonly bare: Child<BareCalls>;
  readonly layout: Layout;
  readonly note: (text: string) => void;
}

interface Leak {
  readonly leakMs: number;
  /** Its parts: through Kafka, intake's commit, and from there to the refused login. */
  readonly hopMs: number;
  readonly commitMs: number;
  readonly containMs: number;
}

interface Pair extends Leak {
  readonly bareMs: number;
}

/** Leaks one after the other, each followed by the bare calls on a role of the same server. */
export const measureLeaks = async (options: LeakOptions): Promise<LeakFigures> => {
  const { world, sizes, layout, note } = options;
  const services = await world.services(servicesOf(layout));
  try {
    const leak = leaking(options, services);
    for (let index = 0; index < sizes.warmupLeaks; index += 1) await leak(index);
    const rounds: Pair[][] = [];
    for (let round = 0; round < sizes.rounds; round += 1) {
      note(`round ${round + 1} of ${sizes.rounds}`);
      const pairs: Pair[] = [];
      for (let index = 0; index < sizes.leaksPerRound; index += 1) pairs.push(await leak(index));
      rounds.push(pairs);
    }
    return figuresOf(rounds);
  } finally {
    await Promise.all(services.map(async (service) => await service.stop()));
  }
};

const servicesOf = (layout: Layout): Parameters<World["services"]>[0] =>
  layout === "separate"
    ? { mainOf: mainOfKind }
    : { kinds: ["intake"], mainOf: () => join(import.meta.dirname, "../children/all.main.ts") };

/** Where a leak may be contained. */
const urgentKinds: ReadonlySet<ServiceKind> = new Set(["intake", "rotator"]);

const leaking = (
  { world, sizes, bare }: LeakOptions,
  services: readonly ServiceProcess[],
): ((index: number) => Promise<Pair>) => {
  const outputs = services
    .filter(({ kind }) => urgentKinds.has(kind))
    .map(({ logFile }) => followOutput(logFile));
  const families = familiesOf(sizes);
  const [leaked, bared] = [membersOf(families.leaks), membersOf(families.bare)];
  return async (index) => {
    const credential = leaked[index % leaked.length] ?? "";
    const version = await currentOf(world, credential);
    await Promise.all(outputs.map(async (next) => await next()));
    const record = alertOf({ credential, version });
    const since = process.hrtime.bigint();
    await world.publisher.publish([record]);
    await settled(world, { credential, version });
    const told = await Promise.all(outputs.map(async (next) => await next()));
    const bareMs = await bare.ask("contain", bared[index % bared.length] ?? "");
    return { ...leakOf(told, since), bareMs };
  };
};

const currentOf = async ({ ledger }: World, credential: string): Promise<number> => {
  const [row] = await ledger.rows<{ number: string }>(
    "select number from rekey.versions where credential = $1 and label = 'current' and life = 'valid'",
    [credential],
  );
  if (row === undefined) throw new Error(`${credential} has no version that could leak`);
  return Number(row.number);
};

/** Nobody looks while a leak is contained: a question is work for the same processors. */
const quietMs = 150;
const settleMaxMs = 60_000;

/** Until its rotation ended, its case is closed and its events have left. */
const settled = async ({ ledger }: World, { credential, version }: Leaked): Promise<void> => {
  await pause(quietMs);
  const done = await waitFor(async () => {
    const [row] = await ledger.rows<{ done: boolean }>(settledText, [
      credential,
      `${credential}#${version}`,
    ]);
    return row?.done === true;
  }, settleMaxMs);
  if (!done) throw new Error(`the leak of ${credential}#${version} did not settle`);
};

const settledText = `
  select exists (select from rekey.cases where kind = 'incident' and about = $2 and state = 'closed')
    and not exists (select from rekey.rotations where credential = $1
      and state not in ('completed', 'undone', 'withdrawn', 'would-have'))
    and not exists (select from rekey.outbox) as done`;

const leakOf = (outputs: readonly Output[], since: bigint): Leak => {
  const marks = outputs.flatMap((output) => output.marks);
  const at = (name: string): bigint => {
    const [one, ...more] = marks.filter((mark) => mark.name === name);
    if (one === undefined || more.length > 0) throw new Error(`a leak passed ${name} not once`);
    return one.at;
  };
  const milliseconds = (from: bigint, to: bigint): number => Number(to - from) / 1e6;
  const [taken, committed] = [at("intake.before-admit"), at("intake.after-admit")];
  const refused = at("contain.after-effect");
  return {
    leakMs: milliseconds(since, refused),
    hopMs: milliseconds(since, taken),
    commitMs: milliseconds(taken, committed),
    containMs: milliseconds(committed, refused),
  };
};

const figuresOf = (rounds: readonly (readonly Pair[])[]): LeakFigures => {
  const all = rounds.flat();
  const leaks = all.map(({ leakMs }) => leakMs);
  const bares = all.map(({ bareMs }) => bareMs);
  const [p50Ms, p99Ms] = [percentile(leaks, 0.5), percentile(leaks, 0.99)];
  const [bareP50Ms, bareP99Ms] = [percentile(bares, 0.5), percentile(bares, 0.99)];
  const ratios = spreadOf(
    rounds.map(
      (pairs) =>
        median(pairs.map(({ leakMs }) => leakMs)) / median(pairs.map(({ bareMs }) => bareMs)),
    ),
  );
  return {
    samples: all.length,
    rounds: rounds.length,
    p50Ms,
    p99Ms,
    bareP50Ms,
    bareP99Ms,
    overheadP50Ms: median(all.map(({ leakMs, bareMs }) => leakMs - bareMs)),
    overheadP99Ms: percentile(
      all.map(({ leakMs, bareMs }) => leakMs - bareMs),
      0.99,
    ),
    ratioP50: ratios.median,
    ratioP50Low: ratios.low,
    ratioP50High: ratios.high,
    ratioP99: p99Ms / bareP99Ms,
    hopMs: median(all.map(({ hopMs }) => hopMs)),
    commitMs: median(all.map(({ commitMs }) => commitMs)),
    containMs: median(all.map(({ containMs }) => containMs)),
  };
};
