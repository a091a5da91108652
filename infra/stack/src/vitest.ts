import { describe, test } from "vitest";
import { ambientEnvironment } from "./environment.ts";
import { locate, type InstalledPart } from "./install/locate.ts";
import { verdictOn } from "./install/verdict.ts";

/**
 * Tests that need real parts. A missing one skips them with the command that installs it in their name; where
 * the variable CI is set it fails them.
 */
export const describeStack = (
  parts: readonly InstalledPart[],
  name: string,
  body: () => void,
): void => {
  const environment = ambientEnvironment();
  const missing = parts.filter((part) => locate(part, environment) === undefined);
  const verdict = verdictOn(missing, environment);
  if (verdict.tests === "run") describe(name, body);
  else if (verdict.tests === "skip") describe.skip(`${name} (${verdict.advice})`, body);
  else {
    describe(name, () => {
      test("the parts it needs are installed", () => {
        throw new Error(verdict.advice);
      });
    });
  }
};
