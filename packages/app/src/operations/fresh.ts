/** One answer for everybody who asks within a moment: a probe that shows four figures asks once. */
export const fresh = <Answer>(
  ask: () => Promise<Answer>,
  { forMs, monotonicMs }: { readonly forMs: number; readonly monotonicMs: () => number },
): (() => Promise<Answer>) => {
  let last: { readonly at: number; readonly answer: Promise<Answer> } | undefined;
  return async () => {
    if (last === undefined || monotonicMs() - last.at > forMs)
      last = { at: monotonicMs(), answer: ask() };
    return await last.answer;
  };
};
