import { apiRoutes } from "@rekey/contracts";
import { answer, type AddCommand } from "../context.ts";
import { findCase } from "./find.ts";

const argument = "its id, the end of it, or what it is about";

/** Lets a case act. */
export const addCaseApprove: AddCommand = (parent, context) => {
  parent
    .command("approve")
    .description("let a case act; whoever requested it cannot approve it")
    .argument("<case>", argument)
    .option("--reason <text>", "why, for the audit log")
    .action(async (text: string, body: { reason?: string }) => {
      const params = { case: await findCase(context, text) };
      await answer(
        context,
        { route: apiRoutes.cases.approve, asked: { params, body } },
        (detail) => `approved ${detail.case.about}; \`rekey case watch ${params.case}\` follows it`,
      );
    });
};

/** A false alarm. */
export const addCaseDismiss: AddCommand = (parent, context) => {
  parent
    .command("dismiss")
    .description("a false alarm: what was suspended for it is reinstated where that is allowed")
    .argument("<case>", argument)
    .requiredOption("--reason <text>", "why, for the audit log")
    .action(async (text: string, { reason }: { reason: string }) => {
      const params = { case: await findCase(context, text) };
      await answer(
        context,
        { route: apiRoutes.cases.dismiss, asked: { params, body: { reason } } },
        (detail) =>
          `dismissed ${detail.case.about}; \`rekey case show ${params.case}\` shows what follows`,
      );
    });
};
