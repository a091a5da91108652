import { tableText } from "@rekey/stack";
import type { Figures } from "./figures.ts";
import { leakRows, leakPartRows, rotationRows, stepRows, floodRows, memoryRows } from "./rows.ts";

/** Figures as a person reads them. */
export const figuresText = (figures: Figures): string =>
  [
    ["M1  a leak, from its event to its refused login", leakRows(figures)] as const,
    ["    medians of its parts", leakPartRows(figures)] as const,
    ["M3  planned rotations without consumers", rotationRows(figures)] as const,
    ["    milliseconds of each step", stepRows(figures)] as const,
    ["M8  duplicate alerts", floodRows(figures)] as const,
    ["memory of 1,000 rotations", memoryRows(figures)] as const,
  ]
    .filter(([, rows]) => rows.length > 1)
    .map(([title, rows]) => `  ${title}\n\n${tableText(rows)}`)
    .join("\n");
