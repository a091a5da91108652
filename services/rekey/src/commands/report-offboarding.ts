import { apiRoutes } from "@rekey/contracts";
import { subjectTypes, type SubjectType } from "@rekey/domain";
import { Option, type Command } from "commander";
import type { AddCommand } from "../context.ts";
import { badInput } from "../failure.ts";
import { showAccepted } from "./wait-outcome.ts";

const leaving = ["human", "partner", "service", "workload", "job", "app", "agent"] as const;
type Leaving = (typeof leaving)[number];

type Options = Partial<Record<Leaving, string>> & {
  readonly reason: string;
  readonly effect: "end" | "suspend" | "end-sessions";
  readonly effectiveAt?: string;
  readonly open?: boolean;
};

/** Somebody leaves: everything it holds ends. */
export const addReportOffboarding: AddCommand = (parent, context) => {
  const command = parent
    .command("offboarding")
    .description("a person, partner, service or agent leaves: everything it holds ends");
  addSubjects(command)
    .requiredOption("--reason <text>")
    .addOption(
      new Option("--effect <word>", "what follows")
        .choices(["end", "suspend", "end-sessions"])
        .default("end"),
    )
    .option("--effective-at <time>", "when, in RFC 3339; now if absent")
    .option("--open", "not confidential: everybody who reads cases may know")
    .action(async (options: Options) => {
      const { reason, effect, effectiveAt } = options;
      const replied = await context.client().call(apiRoutes.reports.offboarding, {
        body: {
          subject: subjectOf(options),
          reason,
          effect,
          confidentiality: options.open === true ? "open" : "restricted",
          ...(effectiveAt !== undefined && { effectiveAt }),
        },
      });
      await showAccepted(context, replied);
    });
};

const addSubjects = (command: Command): Command =>
  leaving.reduce(
    (adding, type) =>
      adding.option(
        `--${type} <id>`,
        `which ${type}: its identity's id, or <scheme>=<value> as a feed names it`,
      ),
    command,
  );

const subjectOf = (
  options: Options,
): { type: SubjectType; ids: { scheme: string; value: string }[] } => {
  const named = leaving.filter((type) => options[type] !== undefined);
  const [type] = named;
  if (type === undefined || named.length > 1)
    throw badInput(`name one who leaves: ${leaving.map((one) => `--${one}`).join(", ")}`);
  const text = options[type] ?? "";
  const [, scheme = "identity", value = text] = /^([A-Za-z][A-Za-z0-9-]*)=(.+)$/s.exec(text) ?? [];
  return { type: subjectTypes.find((known) => known === type) ?? type, ids: [{ scheme, value }] };
};
