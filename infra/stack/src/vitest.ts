import { describe, test } from "vitest";
import { ambientEnvironment } from "./environment.ts";
import { installCommand, locate, type InstalledPart } from "./install/locate.ts";

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
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const advice = `${missing.join(" and ")} not installed: ${installCommand(missing)}`;
  if (!environment.partsRequired) {
    describe.skip(`${name} (${advice})`, body);
    return;
  }
  describe(name, () => {
    test("the parts it needs are installed", () => {
      throw new Error(advice);
    });
  });
};
