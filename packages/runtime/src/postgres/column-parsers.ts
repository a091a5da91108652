import pg from "pg";
import type { CustomTypesConfig } from "pg";

const { builtins } = pg.types;

/** Per pool, as the parsers of the module are shared with every other user of pg in the process. */
export const columnParsers: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && oid in textParsers) return textParsers[oid];
    return pg.types.getTypeParser(oid, format);
  }) as CustomTypesConfig["getTypeParser"],
};

const asWritten = (text: string): string => text;

const textParsers: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: exactInteger,
  // As Date they would be read in the zone of the machine.
  [builtins.DATE]: asWritten,
  [builtins.TIMESTAMP]: asWritten,
};

// Fences, sequences and offsets stay far below 2^53; one that does not must not be rounded.
function exactInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError("a bigint column holds more than 2^53: select it as text");
  }
  return value;
}
