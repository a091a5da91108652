import { apiRoutes } from "@rekey/contracts";
import { causeKinds, type CauseKind } from "@rekey/domain";
import { Option } from "commander";
import { answer, type AddCommand } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { table } from "../format/table.ts";
import { withMeant } from "./find.ts";

interface Options {
  readonly cause: CauseKind;
  readonly end?: boolean;
}

/** The steps a rotation would take now. */
export const addCredentialPlan: AddCommand = (parent, context) => {
  parent
    .command("plan")
    .description("the steps a rotation would take now, or why there is no safe order")
    .argument("<credential>")
    .addOption(
      new Option("--cause <kind>", "why it would run").choices(causeKinds).default("manual"),
    )
    .option("--end", "the end of the credential: nothing follows")
    .action(async (credential: string, { cause, end }: Options) => {
      const query = { cause, wanted: end === true ? "none" : "successor" } as const;
      const asked = { params: { credential }, query };
      const call = { route: apiRoutes.credentials.plan, asked };
      const { refused } = await withMeant(context, credential, () =>
        answer(context, call, ({ mode, steps }) =>
          [
            `${credential}, cause ${cause}, mode ${mode}${modeMeans[mode]}`,
            ...(steps.length === 0
              ? []
              : [
                  table(
                    ["step", "why"],
                    steps.map(({ key, why }) => [key, why]),
                  ),
                ]),
          ].join("\n"),
        ),
      );
      if (refused !== undefined)
        throw new CommandFailure(refused.reason, {
          exitCode: exitCodes.refused,
          code: refused.refused,
        });
    });
};

const modeMeans = {
  observe: ": it would only be recorded what would have been done",
  propose: ": a person starts it with `rekey case approve`",
  act: "",
} as const;
