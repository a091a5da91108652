/** Repeatable: the same seed gives the same numbers. Never for secrets. */
export type Random = {
  readonly seed: number;
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [0, below). */
  integer(below: number): number;
  pick<Item>(items: readonly Item[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
  bytes(length: number): Uint8Array;
  /** A stream of its own: draws from it do not move this one. */
  fork(name: string): Random;
};

const range = 2 ** 32;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32, public domain, by Tommy Ettinger.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / range;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    seed,
    next,
    integer,
    pick: (items) => {
      if (items.length === 0) throw new RangeError("nothing to pick from");
      return items[integer(items.length)]!;
    },
    shuffle: (items) => {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
    bytes: (length) => Uint8Array.from({ length }, () => integer(256)),
    fork: (name) => createRandom(hashOf(`${seed}/${name}`)),
  };
}

// FNV-1a
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return hash;
}
