import { readFile } from "node:fs/promises";
import type { Installation } from "./installation.fixture.ts";

const linesMax = 8;
const warnLevel = 40;

/** What each service last warned of: for whoever reads why a test gave up. */
export const warningsOf = async ({ services }: Pick<Installation, "services">): Promise<string> => {
  const all = await Promise.all(
    services.map(async ({ kind, replica, logFile }) => {
      const lines = (await readFile(logFile, "utf8").catch(() => "")).trimEnd().split("\n");
      const warned = lines.filter(isWarning).slice(-linesMax);
      return [`${kind}-${replica}:`, ...warned.map((line) => `  ${line}`)].join("\n");
    }),
  );
  return all.join("\n");
};

const isWarning = (line: string): boolean => {
  try {
    const { level } = JSON.parse(line) as { readonly level?: unknown };
    return typeof level === "number" ? level >= warnLevel : level === "warn" || level === "error";
  } catch {
    return line !== "";
  }
};
