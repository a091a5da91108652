import { apiRoutes } from "@rekey/contracts";
import { parseRekeyLocator } from "@rekey/domain";
import { Option } from "commander";
import type { z } from "zod";
import type { AddCommand } from "../context.ts";
import { badInput } from "../failure.ts";
import { showAccepted } from "./wait-outcome.ts";

const effects = [
  "advance",
  "hold",
  "rollback",
  "retire",
  "end-job",
  "register",
  "deregister",
] as const;

interface Options {
  readonly service: string;
  readonly environment: string;
  readonly effect: (typeof effects)[number];
  readonly credential?: string;
  readonly correlation?: string;
  readonly occurredAt?: string;
}

type Body = z.input<typeof apiRoutes.reports.deployment.body>;

/** A service was deployed, rolled back or removed, or a job ended. */
export const addReportDeployment: AddCommand = (parent, context) => {
  parent
    .command("deployment")
    .description("a service was deployed, rolled back or removed, or a job ended")
    .requiredOption("--service <name>", "as the inventory's consumers name it")
    .requiredOption("--environment <name>")
    .addOption(
      new Option("--effect <word>", "what happened: advance is a new deployment, retire a removal")
        .choices(effects)
        .default("advance"),
    )
    .option("--credential <id[#version]>", "the version it runs with")
    .option("--correlation <text>", "the pipeline's own id")
    .option("--occurred-at <time>", "when, in RFC 3339; now if absent")
    .action(async (options: Options) => {
      const replied = await context
        .client()
        .call(apiRoutes.reports.deployment, { body: bodyOf(options) });
      await showAccepted(context, replied);
    });
};

const bodyOf = ({ credential, correlation, occurredAt, ...rest }: Options): Body => {
  const named = credential === undefined ? {} : parseRekeyLocator(credential);
  if (named === undefined)
    throw badInput("--credential must be a name such as payments-db or payments-db#3");
  return {
    ...rest,
    ...named,
    ...(correlation !== undefined && { correlation }),
    ...(occurredAt !== undefined && { occurredAt }),
  };
};
