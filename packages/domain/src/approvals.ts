/** Whoever holds the machine's own socket may be anybody who is there already. */
export const isLocalActor = (id: string): boolean => id.startsWith("local:");

/** Distinct people among those who approved: a socket may be held by any of the others, and counts only alone. */
export const distinctApprovals = (people: readonly string[]): number => {
  const known = new Set(people.filter((one) => !isLocalActor(one)));
  return known.size > 0 ? known.size : Math.min(1, people.length);
};
