import { apiRoutes } from "@rekey/contracts";
import { answer, type AddCommand } from "../context.ts";
import { withMeant } from "./find.ts";

/** A person vouches for a principal that Rekey neither minted nor adopted. */
export const addCredentialForeign: AddCommand = (parent, context) => {
  parent
    .command("acknowledge-foreign")
    .description("vouch for a principal at the provider that Rekey neither minted nor adopted")
    .argument("<credential>")
    .argument("<principal>", "the provider's name for it")
    .requiredOption("--reason <text>", "why it may stay, for the audit log")
    .action(async (credential: string, principal: string, { reason }: { reason: string }) => {
      const asked = { params: { credential }, body: { principal, reason } };
      const call = { route: apiRoutes.credentials.acknowledgeForeign, asked };
      await withMeant(context, credential, () =>
        answer(context, call, () => `${principal} is acknowledged at ${credential}`),
      );
    });
};
