import type { Child } from "../children/child.ts";
import type { EngineCalls } from "../children/engine-calls.ts";
import type { Figures, MemoryFigures } from "../report/figures.ts";
import type { Sizes } from "../sizes.ts";
import { membersOf } from "../world/inventory.ts";
import { familiesOf, type World } from "../world/world.ts";

interface MemoryOptions {
  readonly world: World;
  readonly sizes: Sizes;
}

const thousand = 1_000;
const megabyte = 1_000_000;
/**
 * As many as are measured wait before, and the others are begun: the first ones load code, fill caches and prepare
 * statements, which stays whatever their number.
 */
const parts = 3;
/** Code that V8 throws away after some collections, megabytes of it, would count as what rotations gave back. */
const steady = ["--no-flush-bytecode"];

/** What rotations that wait leave in the process, and then what those under way hold there. */
export const measureMemory = async (
  options: MemoryOptions,
): Promise<NonNullable<Figures["memory"]>> => {
  const { world, sizes } = options;
  const idle = membersOf(familiesOf(sizes).idle);
  const count = Math.floor(idle.length / parts);
  const [warmup, parked, begun] = [0, 1, 2].map((part) =>
    idle.slice(part * count, (part + 1) * count),
  ) as [string[], string[], string[]];
  const engine = await world.engine(steady);
  try {
    await engine.ask("open", warmup);
    await engine.ask("settle", null);
    const waiting = await grown(engine, count, async () => {
      await engine.ask("open", parked);
      await engine.ask("settle", null);
    });
    const rotations = await engine.ask("open", begun);
    const executing = await grown(engine, count, async () => await engine.ask("begin", rotations));
    return { executing, waiting };
  } finally {
    await engine.stop();
  }
};

const grown = async (
  engine: Child<EngineCalls>,
  rotations: number,
  work: () => Promise<unknown>,
): Promise<MemoryFigures> => {
  const before = await engine.ask("memory", null);
  await work();
  const after = await engine.ask("memory", null);
  return {
    rotations,
    heapMb: ((after.heapBytes - before.heapBytes) / rotations) * (thousand / megabyte),
    rssMb: after.rssBytes / megabyte,
  };
};
