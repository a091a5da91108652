import type { fieldNames } from "./fields.ts";

export type LogFieldName = (typeof fieldNames)[number];

export type LogFieldValue = string | number | bigint | boolean | null | undefined;

/** `error` takes anything that was caught: only codes and public messages of it are written. */
export type LogFields = { readonly [name in LogFieldName]?: LogFieldValue } & {
  readonly error?: unknown;
};

/** One call per boundary or change of state: a constant message, values only as fields. */
export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  fatal(message: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
  /** Resolves when every line so far has left the process, or cannot: nobody reads any more. */
  flush(): Promise<void>;
};
