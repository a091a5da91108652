import { apiRoutes } from "@rekey/contracts";
import { answer, type AddCommand } from "../context.ts";
import { shown } from "./mode.ts";

const routes = apiRoutes.switches;
const reasonText = "why, for the audit log";

/** Stops new effects. */
export const addPause: AddCommand = (parent, context) => {
  parent
    .command("pause")
    .description("stop new planned effects within 2 s; with --all containment too")
    .option("--all", "containment too")
    .requiredOption("--reason <text>", reasonText)
    .action(async ({ all, reason }: { all?: boolean; reason: string }) => {
      const asked = { body: { all: all === true, reason } };
      await answer(context, { route: routes.pause, asked }, (value) =>
        shown(value, context.terminal.paint),
      );
    });
};

/** Lets effects go on. */
export const addUnpause: AddCommand = (parent, context) => {
  parent
    .command("unpause")
    .description("let effects go on")
    .requiredOption("--reason <text>", reasonText)
    .action(async ({ reason }: { reason: string }) => {
      await answer(context, { route: routes.unpause, asked: { body: { reason } } }, (value) =>
        shown(value, context.terminal.paint),
      );
    });
};
