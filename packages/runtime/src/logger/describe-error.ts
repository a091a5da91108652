import { Assertion, Fault } from "@rekey/domain";

/** All that a log line tells about something that was caught. */
export type ErrorDescription = {
  readonly code: string;
  /** Only from errors whose text is written to be read by anyone. */
  readonly text?: string;
  /** Codes from the outermost cause inwards. */
  readonly causes?: readonly string[];
  /** Where it was thrown: files and lines, without the message. */
  readonly frames?: readonly string[];
};

const causesMax = 8;
const framesMax = 6;
const codePattern = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^E[A-Z]{2,20}$|^[0-9A-Z]{5}$/;
const namePattern = /^[A-Z][A-Za-z]{2,40}$/;

/**
 * Messages of errors we did not write may quote a value, a connection string or a row: they are
 * never shown. A code, a class name and a place in the code cannot.
 */
export function describeError(error: unknown): ErrorDescription {
  const causes = causesOf(error).map(codeOf);
  const text = publicTextOf(error);
  const frames = text === undefined ? framesOf(error) : [];
  return {
    code: codeOf(error),
    ...(text !== undefined && { text }),
    ...(causes.length > 0 && { causes }),
    ...(frames.length > 0 && { frames }),
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "NOT_AN_ERROR";
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && codePattern.test(code)) return code;
  return namePattern.test(error.name) ? error.name : "UNNAMED_ERROR";
}

function publicTextOf(error: unknown): string | undefined {
  if (error instanceof Fault || error instanceof Assertion) return error.message;
  if (!(error instanceof Error) || !Object.hasOwn(error, "publicText")) return undefined;
  const { publicText } = error as { publicText?: unknown };
  return typeof publicText === "string" ? publicText : undefined;
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && causes.length < causesMax) {
    causes.push(current);
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}

function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  // The stack starts with the message as it was when the error was made. A message may have lines
  // that look like frames, so without finding it whole nothing is shown.
  const heads = [error.name, "Error"].map((name) => `${name}: ${error.message}\n`);
  const head = heads.find((text) => error.stack?.startsWith(text));
  if (head === undefined) return [];
  const lines = error.stack.slice(head.length).split("\n");
  return lines.slice(0, framesMax).map((line) => line.trim());
}
