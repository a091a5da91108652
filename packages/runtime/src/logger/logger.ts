import { pino } from "pino";
import type { DestinationStream, Logger } from "pino";
import { describeError } from "./describe-error.ts";
import { fieldNames } from "./fields.ts";
import type { Log, LogFields } from "./log.ts";
import { terminalLines, type Lines } from "./terminal-line.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

export type LogOptions = {
  readonly level?: LogLevel;
  /** On every line: process kind, process id, build. */
  readonly fields?: LogFields;
  /** Standard output by default. */
  readonly destination?: DestinationStream;
};

const allowed = new Set<string>(fieldNames);
const textMax = 256;

/** JSON lines; plain ones where standard output is a terminal. Only fields of the allow-list are written, and of an error only what cannot hold a value. */
export function createLog(options: LogOptions = {}): Log {
  const settings = {
    level: options.level ?? "info",
    base: null,
    messageKey: "message",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  const destination = options.destination ?? standardOutput();
  return wrap(pino(settings, destination), options.fields ?? {});
}

// Not synchronous: whoever stops reading must not stop what works. With no least length `flush` would not wait.
function standardOutput(): Lines {
  const json = pino.destination({ dest: 1, minLength: 1 });
  return process.stdout.isTTY ? terminalLines(json) : json;
}

function wrap(logger: Logger, always: LogFields): Log {
  const write =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (logger.isLevelEnabled(level)) logger[level](written({ ...always, ...fields }), message);
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
    with: (fields) => wrap(logger, { ...always, ...fields }),
    flush: async () => await new Promise((resolve) => logger.flush(() => resolve())),
  };
}

function written(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === "error" && value !== undefined) kept[name] = describeError(value);
    else if (allowed.has(name)) kept[name] = plain(value);
  }
  return kept;
}

// The types allow only these; a cast or a caller without types must not get an object through.
function plain(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === "string") return value.slice(0, textMax);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  return undefined;
}
