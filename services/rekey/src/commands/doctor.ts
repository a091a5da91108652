import { apiRoutes } from "@rekey/contracts";
import { answer, type AddCommand } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { table } from "../format/table.ts";

/** One real request to every part. */
export const addDoctor: AddCommand = (parent, context) => {
  parent
    .command("doctor")
    .description("one real request to every part: what is wrong, and what to do")
    .action(async () => {
      const { good, bad } = context.terminal.paint;
      const { ok, checks } = await answer(context, { route: apiRoutes.health.doctor }, (value) =>
        table(
          ["part", "", "found", "next"],
          value.checks.map((check) => [
            check.name,
            check.ok ? good("ok") : bad("failed"),
            check.found,
            check.next ?? "",
          ]),
        ),
      );
      if (ok) return;
      const failed = checks.filter((check) => !check.ok).length;
      throw new CommandFailure(`${failed} of ${checks.length} parts failed`, {
        exitCode: exitCodes.refused,
      });
    });
};
