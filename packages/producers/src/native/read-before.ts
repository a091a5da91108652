/** Entries at most: some megabytes of signals, and more events than anything sends again at once. */
const entriesMax = 512;

/** What was read last, by what it was read from; the oldest is forgotten first. */
export interface ReadBefore<Value> {
  get(key: string): Value | undefined;
  put(key: string, value: Value): void;
}

export const createReadBefore = <Value>(): ReadBefore<Value> => {
  const kept = new Map<string, Value>();
  return {
    get: (key) => kept.get(key),
    put: (key, value) => {
      kept.set(key, value);
      if (kept.size <= entriesMax) return;
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
};
