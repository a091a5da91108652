/** A bounded number of places; who waits is served in order. */
export interface Slots {
  enter(): Promise<void>;
  leave(): void;
}

export function createSlots(places: number): Slots {
  let free = places;
  const waiting: (() => void)[] = [];
  return {
    async enter() {
      if (free === 0) return await new Promise<void>((resolve) => waiting.push(resolve));
      free -= 1;
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
