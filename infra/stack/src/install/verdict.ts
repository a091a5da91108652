import type { Environment } from "../environment.ts";
import { installCommand, type InstalledPart } from "./locate.ts";

/** What becomes of tests whose parts are missing. */
export type Verdict =
  | { readonly tests: "run" }
  | { readonly tests: "skip" | "fail"; readonly advice: string };

export const verdictOn = (
  missing: readonly InstalledPart[],
  { partsRequired }: Pick<Environment, "partsRequired">,
): Verdict => {
  if (missing.length === 0) return { tests: "run" };
  const advice = `${missing.join(" and ")} not installed: ${installCommand(missing)}`;
  return { tests: partsRequired ? "fail" : "skip", advice };
};
