/** Longest difference that is still a slip of the finger. */
const slipMax = 3;
const lengthMax = 128;

/** The candidate that was probably meant. */
export const nearest = (text: string, candidates: readonly string[]): string | undefined => {
  if (text.length > lengthMax) return undefined;
  const ranked = candidates
    .filter((candidate) => candidate.length <= lengthMax)
    .map((candidate) => ({ candidate, distance: distanceOf(text, candidate) }))
    .sort((left, right) => left.distance - right.distance);
  const [best] = ranked;
  const near = best !== undefined && best.distance <= Math.min(slipMax, text.length / 2);
  return near ? best.candidate : candidates.find((candidate) => candidate.startsWith(text));
};

// Levenshtein, one row at a time.
const distanceOf = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of left.split("").entries()) {
    const next = [index + 1];
    for (const [at, other] of right.split("").entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
