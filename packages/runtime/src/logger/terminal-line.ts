import type { DestinationStream } from "pino";
import type { ErrorDescription } from "./describe-error.ts";

/** A stream of lines that can be waited for. */
export interface Lines extends DestinationStream {
  flush(callback: (error?: Error | null) => void): void;
}

/** For a person at a terminal: every JSON line becomes one line that is read at a glance. Nothing is added to it. */
export const terminalLines = (inner: Lines): Lines => ({
  write: (line) => inner.write(terminalLine(line)),
  flush: (callback) => inner.flush(callback),
});

interface Line extends Readonly<Record<string, unknown>> {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly error?: ErrorDescription;
}

/** `04:11:52 warn  loop died and is built again  loop=relay count=1 error=ECONNRESET`. The time is UTC, as in JSON. */
export const terminalLine = (json: string): string => {
  const { time, level, message, error, ...fields } = JSON.parse(json) as Line;
  const told = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  const parts = [message, [...told, ...errorParts(error)].join(" ")].filter((part) => part !== "");
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${parts.join("  ")}\n`;
};

// A text may hold an escape that a terminal would obey: written as JSON it cannot.
const shown = (value: unknown): string =>
  typeof value === "string" && /^[\w.:/@#+-]+$/.test(value) ? value : JSON.stringify(value);

const errorParts = (error: ErrorDescription | undefined): readonly string[] => {
  if (error === undefined) return [];
  const { code, text, causes = [], frames = [] } = error;
  return [
    `error=${[code, ...causes].join("<")}`,
    ...(text === undefined ? [] : [JSON.stringify(text)]),
    ...frames.slice(0, 1),
  ];
};
