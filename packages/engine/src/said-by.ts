/** What somebody decided, as the audit log tells it: `resumed by ada: the database is back`. */
export const saidBy = (
  what: string,
  { by, reason }: { readonly by: string; readonly reason?: string },
): string => (reason === undefined ? `${what} by ${by}` : `${what} by ${by}: ${reason}`);
