import { apiRoutes } from "@rekey/contracts";
import type { AddCommand, Context } from "../context.ts";
import { watchCase } from "./case-watch.ts";
import { withMeant } from "./find.ts";
import { showAccepted } from "./wait-outcome.ts";

/** A case that waits for a person says so at once: nothing else would move it. */
const tellNext = async (context: Context, id: string): Promise<void> => {
  const asked = { params: { case: id } };
  const { next } = (await context.client().call(apiRoutes.cases.show, asked)).value;
  if (next !== undefined) context.terminal.line(`  next: ${next}`);
};

interface Options {
  readonly reason: string;
  readonly end?: boolean;
  readonly watch?: boolean;
}

/** Asks for a new version, or for the end of the credential. */
export const addRotate: AddCommand = (parent, context) => {
  parent
    .command("rotate")
    .description("ask for a new version, or with --end for the end of the credential")
    .argument("<credential>")
    .requiredOption("--reason <text>", "why, for the audit log")
    .option("--end", "nothing follows: every version is revoked")
    .option("--watch", "follow its case until it is closed")
    .action(async (credential: string, { reason, end, watch }: Options) => {
      const body = { reason, wanted: end === true ? "none" : "successor" } as const;
      const asked = { params: { credential }, body };
      const replied = await withMeant(context, credential, () =>
        context.client().call(apiRoutes.credentials.rotate, asked),
      );
      const [outcome] = await showAccepted(context, replied);
      if (!context.wantsJson() && outcome?.case !== undefined)
        await tellNext(context, outcome.case);
      if (watch === true && outcome?.case !== undefined)
        await watchCase(context, { id: outcome.case });
    });
};
