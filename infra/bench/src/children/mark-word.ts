/** Begins the lines of a service's output that are the bench's; the others are its log. */
export const markWord = "bench";
