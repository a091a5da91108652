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
/** Of those declared, half wait; a fifth of these come before, as the first ones load code and fill caches. */
const waitingPart = 2;
const warmupPart = 5;

/** What rotations that wait leave in the process, and then what those under way hold there. */
export const measureMemory = async (
  options: MemoryOptions,
): Promise<NonNullable<Figures["memory"]>> => {
  const { world, sizes } = options;
  const idle = membersOf(familiesOf(sizes).idle);
  const [parked, begun] = [
    idle.slice(0, idle.length / waitingPart),
    idle.slice(idle.length / waitingPart),
  ];
  const engine = await world.engine();
  try {
    const warmup = parked.length / warmupPart;
    await engine.ask("open", parked.slice(0, warmup));
    await engine.ask("settle", null);
    const rest = parked.slice(warmup);
    await engine.ask("open", rest);
    const waiting = await grown(engine, rest.length, async () => await engine.ask("settle", null));
    const rotations = await engine.ask("open", begun);
    const executing = await grown(
      engine,
      begun.length,
      async () => await engine.ask("begin", rotations),
    );
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
  const perThousand = (bytes: number): number => (bytes / rotations) * (thousand / megabyte);
  return {
    rotations,
    heapMb: perThousand(after.heapBytes - before.heapBytes),
    rssMb: perThousand(after.rssBytes - before.rssBytes),
  };
};
