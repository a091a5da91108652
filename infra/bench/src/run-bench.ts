import type { Progress } from "@rekey/stack";
import type { BareCalls } from "./children/bare-calls.ts";
import type { Child } from "./children/child.ts";
import { measureFlood } from "./measures/flood.ts";
import { measureLeaks, type Layout } from "./measures/leaks.ts";
import { measureMemory } from "./measures/memory.ts";
import { assertSameTrace, measureRotations } from "./measures/rotations.ts";
import type { Measure } from "./options.ts";
import type { Figures } from "./report/figures.ts";
import type { Sizes } from "./sizes.ts";
import { membersOf } from "./world/inventory.ts";
import { familiesOf, openWorld, type World } from "./world/world.ts";

export interface BenchOptions {
  readonly sizes: Sizes;
  readonly only: ReadonlySet<Measure>;
  readonly progress: Progress;
  /** Where services, engine and bare leave CPU profiles. */
  readonly profile?: string | undefined;
  /** Ends the run early; what it started is stopped all the same. */
  readonly signal: AbortSignal;
}

/** Every measure that was asked for, each paired with the bare calls in this same run. */
export const runBench = async (options: BenchOptions): Promise<Figures> => {
  const { sizes, progress, signal, profile } = options;
  const world = await progress.during(
    { doing: "starting what is measured", done: "Kafka, Redis, Vault, two PostgreSQL servers" },
    async (note) => await openWorld({ sizes, note, profile }),
  );
  const asked = Promise.withResolvers<never>();
  const stop = (): void => asked.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([asked.promise, measured(options, world)]);
  } finally {
    signal.removeEventListener("abort", stop);
    await progress.during({ doing: "stopping what was started" }, async () => await world.close());
  }
};

const measured = async (options: BenchOptions, world: World): Promise<Figures> => {
  const { sizes, only, progress } = options;
  const pairs = only.has("M1") || only.has("M3");
  const bare = pairs ? await prepareBare(options, world) : undefined;
  if (only.has("M1") || only.has("M8"))
    await progress.during(
      { doing: "making first versions" },
      async () => await firstVersions(options, world),
    );
  const M1 = bare && only.has("M1") ? await leaks(options, { world, bare }) : undefined;
  const M3 = bare && only.has("M3") ? await rotations(options, { world, bare }) : undefined;
  const M8 = only.has("M8") ? await flood(options, world) : undefined;
  const memory = only.has("memory")
    ? await progress.during(
        { doing: "memory", done: "memory" },
        async () => await measureMemory({ world, sizes }),
      )
    : undefined;
  return { ...(M1 && { M1 }), ...(M3 && { M3 }), ...(M8 && { M8 }), ...(memory && { memory }) };
};

const prepareBare = async (
  { sizes, progress }: BenchOptions,
  world: World,
): Promise<Child<BareCalls>> =>
  await progress.during({ doing: "making the bare side's roles" }, async () => {
    const bare = await world.bare();
    await bare.ask("prepare", membersOf(familiesOf(sizes).bare));
    return bare;
  });

const firstVersions = async ({ sizes, only }: BenchOptions, world: World): Promise<void> => {
  const { leaks: leaked, alerts } = familiesOf(sizes);
  const engine = await world.engine();
  try {
    await engine.ask("open", [
      ...(only.has("M1") ? membersOf(leaked) : []),
      ...(only.has("M8") ? membersOf(alerts) : []),
    ]);
    await engine.ask("settle", null);
  } finally {
    await engine.stop();
  }
};

interface Paired {
  readonly world: World;
  readonly bare: Child<BareCalls>;
}

const leaks = async (
  { sizes, progress }: BenchOptions,
  { world, bare }: Paired,
): Promise<NonNullable<Figures["M1"]>> => {
  const measure = async (layout: Layout, name: string) =>
    await progress.during(
      { doing: `M1, leaks, ${name}`, done: `M1, leaks, ${name}` },
      async (note) => await measureLeaks({ world, sizes, bare, layout, note }),
    );
  return {
    oneProcess: await measure("oneProcess", "one process"),
    separate: await measure("separate", "five processes"),
  };
};

const rotations = async (
  { sizes, progress }: BenchOptions,
  { world, bare }: Paired,
): Promise<NonNullable<Figures["M3"]>> =>
  await progress.during(
    { doing: "M3, planned rotations", done: "M3, planned rotations" },
    async (note) => {
      const engine = await world.engine();
      try {
        note("first versions");
        await engine.ask("open", membersOf(familiesOf(sizes).plans));
        await engine.ask("settle", null);
        const options = { world, sizes, engine, bare, note };
        await assertSameTrace({ ...options, concurrency: 1 });
        const c8 = await measureRotations({ ...options, concurrency: 8 });
        const c24 = await measureRotations({ ...options, concurrency: 24 });
        return { c8, c24 };
      } finally {
        await engine.stop();
      }
    },
  );

const flood = async (
  { sizes, progress }: BenchOptions,
  world: World,
): Promise<NonNullable<Figures["M8"]>> =>
  await progress.during({ doing: "M8, duplicates", done: "M8, duplicates" }, async (note) => {
    note("alerts of their own");
    const anew = await measureFlood({ world, sizes, alerts: "anew" });
    note("the same events again");
    const redelivered = await measureFlood({ world, sizes, alerts: "redelivered" });
    return { ...anew, redelivered };
  });
