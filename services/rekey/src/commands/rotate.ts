import { apiRoutes } from "@rekey/contracts";
import type { AddCommand } from "../context.ts";
import { watchCase } from "./case-watch.ts";
import { withMeant } from "./find.ts";
import { showAccepted } from "./wait-outcome.ts";

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
      if (watch === true && outcome?.case !== undefined)
        await watchCase(context, { id: outcome.case });
    });
};
