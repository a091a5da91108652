import { isCancel, password } from "@clack/prompts";
import { apiRoutes, secretLengthMax } from "@rekey/contracts";
import {
  confidences,
  parseRekeyLocator,
  severities,
  type Confidence,
  type Severity,
} from "@rekey/domain";
import { Option } from "commander";
import type { z } from "zod";
import type { AddCommand, Context } from "../context.ts";
import { badInput, CommandFailure, exitCodes } from "../failure.ts";
import { readInput, withoutLineEnd } from "../input/read-input.ts";
import { withMeant } from "./find.ts";
import { showAccepted } from "./wait-outcome.ts";

interface Options {
  readonly reason: string;
  readonly credential?: string;
  readonly locator?: string;
  readonly public?: boolean;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly environment?: string;
  readonly evidence?: string;
  readonly occurredAt?: string;
}

type Body = z.input<typeof apiRoutes.reports.exposure.body>;

/** A secret, or a credential, may be known to others. The secret itself comes by standard input only. */
export const addReportExposure: AddCommand = (parent, context) => {
  parent
    .command("exposure")
    .description(
      "a secret may be known to others: it is read from standard input, never an argument",
    )
    .requiredOption("--reason <text>", "where it was seen; never the secret itself")
    .option("--credential <id[#version]>", "name it instead of giving its secret")
    .option("--locator <scheme=value>", "name it by a locator, such as aws-access-key-id=AKIA…")
    .option("--public", "anybody may have seen it")
    .addOption(new Option("--severity <word>").choices(severities).default("high"))
    .addOption(
      new Option("--confidence <word>", "whether it is known to work")
        .choices(confidences)
        .default("unknown"),
    )
    .option("--environment <name>")
    .option("--evidence <url>", "where it can be looked at; query and fragment are dropped")
    .option("--occurred-at <time>", "when, in RFC 3339; now if absent")
    .addHelpText("after", "\nExample: pbpaste | rekey report exposure --reason 'in a public chat'")
    .action(async (options: Options) => {
      const body = await bodyOf(context, options);
      const named = body.found.by === "credential" ? body.found.credential : "";
      const replied = await withMeant(context, named, () =>
        context.client().call(apiRoutes.reports.exposure, { body }),
      );
      await showAccepted(context, replied);
    });
};

const bodyOf = async (context: Context, options: Options): Promise<Body> => {
  const { reason, severity, confidence, environment, evidence, occurredAt } = options;
  return {
    found: await foundOf(context, options),
    reason,
    severity,
    confidence,
    public: options.public === true,
    ...(environment !== undefined && { environment }),
    ...(evidence !== undefined && { evidenceUrl: evidence }),
    ...(occurredAt !== undefined && { occurredAt }),
  };
};

const foundOf = async (
  context: Context,
  { credential, locator }: Options,
): Promise<Body["found"]> => {
  if (credential !== undefined && locator !== undefined)
    throw badInput("name it once: either --credential or --locator");
  if (credential !== undefined) {
    const named = parseRekeyLocator(credential);
    if (named === undefined)
      throw badInput("--credential must be a name such as payments-db or payments-db#3");
    return { by: "credential", ...named };
  }
  if (locator === undefined) return { by: "secret", secret: await readSecret(context) };
  const [, scheme, value] = /^([^=]+)=(.+)$/s.exec(locator) ?? [];
  if (scheme === undefined || value === undefined)
    throw badInput("--locator must be <scheme>=<value>, such as aws-access-key-id=AKIA…");
  return { by: "locator", locator: { scheme, value } };
};

const readSecret = async ({ stdin, terminal }: Context): Promise<string> => {
  if (stdin.isTTY === true && terminal.isTty) {
    const typed = await password({ message: "The secret that was seen" });
    if (!isCancel(typed)) return typed;
    throw new CommandFailure("not reported", { exitCode: exitCodes.refused });
  }
  const secret = withoutLineEnd(await readInput("-", stdin, secretLengthMax));
  if (secret === "")
    throw badInput("standard input has no secret: pipe it in, or name it with --credential");
  return secret;
};
