const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A text that PostgreSQL takes as a uuid; any other names nothing in the ledger. */
export const isUuid = (text: string): boolean => uuid.test(text);
