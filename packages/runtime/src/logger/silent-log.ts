import type { Log } from "./log.ts";

const nothing = (): void => {};

/** For tests and short commands: writes nothing. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  with: () => silentLog,
  flush: async () => {},
};
