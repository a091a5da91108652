import type { Environment } from "@rekey/runtime";
import { createPaint, type Paint } from "./format/paint.ts";

/** The part of a stream that is written to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal; it changes with its window. */
  readonly columns?: number;
}

/** Where a command speaks: results to standard output, everything else to standard error. */
export interface Terminal {
  readonly paint: Paint;
  readonly isTty: boolean;
  /** Characters of a line; undefined where nobody sees lines: what is piped is never broken. */
  readonly width: () => number | undefined;
  line(text: string): void;
  json(value: unknown): void;
  /** One value a line, for what goes on. */
  jsonLine(value: unknown): void;
  note(text: string): void;
  /** A line that the next one overwrites; only on a terminal. */
  status(text: string): void;
}

const clearLine = "\r\u001B[2K";

export const createTerminal = (
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
  environment: Environment,
): Terminal => {
  const isTty = stdout.isTTY === true;
  const paint = createPaint(isTty && (environment["NO_COLOR"] ?? "") === "");
  let open = false;
  const clear = (): void => {
    if (open) stdout.write(clearLine);
    open = false;
  };
  return {
    paint,
    isTty,
    // A pty that was given no size says 0.
    width: () => (isTty && stdout.columns !== 0 ? stdout.columns : undefined),
    line: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    json: (value) => void stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    jsonLine: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    status: (text) => {
      if (!isTty) return;
      clear();
      stdout.write(text);
      open = text !== "";
    },
  };
};
