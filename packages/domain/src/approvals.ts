/** Whoever holds the machine's own socket may be anybody who is there already. */
export const isLocalActor = (id: string): boolean => id.startsWith("local:");

/** Distinct people among those who approved: a socket may be held by any of the others, and counts only alone. */
export const distinctApprovals = (people: readonly string[]): number => {
  const known = new Set(people.filter((one) => !isLocalActor(one)));
  return known.size > 0 ? known.size : Math.min(1, people.length);
};

interface Asked {
  /** Absent where nobody asked: something was reported, or is due. */
  readonly requestedBy?: string;
  readonly approvedBy: readonly string[];
}

/**
 * Whether the word of people lets it act. One way to say who one is has one name for each person; by two ways one
 * person has two names, so that of a request by another way than its approval two approvers are two people.
 */
export const isApproved = ({ requestedBy, approvedBy }: Asked): boolean => {
  if (requestedBy === undefined || !isPerson(requestedBy)) return approvedBy.length > 0;
  const others = approvedBy.filter((one) => one !== requestedBy);
  return others.some((one) => isOther(one, requestedBy)) || distinctApprovals(others) > 1;
};

/** A feed that asks is nobody who could approve. */
const isPerson = (id: string): boolean => /^(?:local|mtls|jwt):/.test(id);

/** Certain only by the same way, and never at a socket. */
const isOther = (id: string, requester: string): boolean =>
  !isLocalActor(requester) && wayOf(id) === wayOf(requester);

/** `mtls`, or `jwt` with its issuer; an id that was cut before its subject is a way of its own. */
const wayOf = (id: string): string => /^(?:jwt:.*#|jwt:.*|[^:]*)/s.exec(id)?.[0] ?? id;
