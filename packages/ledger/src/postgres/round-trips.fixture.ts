import pg from "pg";

/**
 * Counts round trips of every pool in this process while `work` runs: a statement that was sent after an answer came
 * begins another one, as it could have waited for that answer.
 */
export const roundTripsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const query: (...words: never[]) => unknown = Reflect.get(pg.Client.prototype, "query");
  const answered = new WeakMap<object, boolean>();
  let trips = 0;
  const counting = function (this: object, ...words: unknown[]): unknown {
    if (answered.get(this) !== false) trips += 1;
    answered.set(this, false);
    const sent: unknown = Reflect.apply(query, this, words);
    const settled = (): void => void answered.set(this, true);
    if (sent instanceof Promise) sent.then(settled, settled);
    return sent;
  };
  Object.assign(pg.Client.prototype, { query: counting });
  try {
    await work();
  } finally {
    Object.assign(pg.Client.prototype, { query });
  }
  return trips;
};
