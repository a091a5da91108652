import { apiRoutes, scanBytesMax } from "@rekey/contracts";
import type { AddCommand } from "../context.ts";
import { readInput } from "../input/read-input.ts";
import { showAccepted } from "./wait-outcome.ts";

/** A scanner's report, as the scanner wrote it. */
export const addReportScan: AddCommand = (parent, context) => {
  parent
    .command("scan")
    .description("a scanner's report: one signal per finding; values are fingerprinted and dropped")
    .argument("[file]", "the report; - reads standard input", "-")
    .requiredOption(
      "--format <name>",
      "who wrote it: gitleaks, sarif, secretlint, or native for Rekey's own events",
    )
    .addHelpText(
      "after",
      "\nExample: secretlint --format json '**/*' | rekey report scan --format secretlint -",
    )
    .action(async (file: string, { format }: { format: string }) => {
      const body = await readInput(file, context.stdin, scanBytesMax);
      const replied = await context
        .client()
        .call(apiRoutes.reports.scan, { body: { format, body } });
      await showAccepted(context, replied);
    });
};
