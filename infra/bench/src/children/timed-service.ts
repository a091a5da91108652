import { writeSync } from "node:fs";
import { runService } from "@rekey/app";
import { markWord } from "./mark-word.ts";

type Options = Parameters<typeof runService>[0];

/** Places in the engine whose moment is measured. */
const marked: ReadonlySet<string> = new Set([
  "contain.after-effect",
  "intake.before-admit",
  "intake.after-admit",
]);

const standardOutput = 1;

/**
 * A service as it is, which tells when it passed some places: monotonic nanoseconds, one clock for all processes of
 * the machine. `contain.after-effect` is the line behind the refused login.
 */
export const runTimedService = async (
  kind: Options["kind"],
  beside: NonNullable<Options["beside"]> = [],
): Promise<void> =>
  await runService({
    kind,
    beside,
    words: process.argv.slice(2),
    environment: process.env,
    process,
    failpoint: async (name) => {
      if (marked.has(name))
        writeSync(standardOutput, `${markWord} ${name} ${process.hrtime.bigint()}\n`);
    },
  });
