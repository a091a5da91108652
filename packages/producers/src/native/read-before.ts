/** Entries at most: some megabytes of signals, and more events than anything sends again at once. */
const entriesMax = 512;

/** What was read last, by what it was read from; the oldest is forgotten first. */
export interface ReadBefore<Value> {
  get(key: string): Value | undefined;
  put(key: string, value: Value): void;
}

export const createReadBefore = <Value>(): ReadBefore<Value> => {
  const kept = new Map<string, Value>();
  // Where each key came in: to find the oldest in the map itself takes longer, the more were deleted before it.
  const inOrder: string[] = [];
  let place = 0;
  return {
    get: (key) => kept.get(key),
    put: (key, value) => {
      const isNew = !kept.has(key);
      kept.set(key, value);
      if (!isNew) return;
      const oldest = inOrder[place];
      if (oldest !== undefined) kept.delete(oldest);
      inOrder[place] = key;
      place = (place + 1) % entriesMax;
    },
  };
};
