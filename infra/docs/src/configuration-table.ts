import type { ConfigReferenceRow } from "@rekey/runtime";
import { code, table } from "./markdown.ts";

/** Every setting with its variable, default and reason, in the order of the schema. */
export const configurationTable = (rows: readonly ConfigReferenceRow[]): string =>
  table(
    ["Key", "Variable", "Type", "Default", "What it sets", "Why this default"],
    rows.map((row) => [
      code(row.path),
      row.variable === undefined ? "" : code(row.variable),
      row.type,
      defaultOf(row),
      row.description,
      row.reason,
    ]),
  );

const defaultOf = (row: ConfigReferenceRow): string => {
  if (row.default !== undefined) return code(row.default);
  return row.isRequired ? "required" : "none";
};
