import { apiRoutes } from "@rekey/contracts";
import { answer, type AddCommand, type Context } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { hanging } from "../format/hanging.ts";
import { table } from "../format/table.ts";
import { widthOf } from "../format/width.ts";
import { servicesSetup } from "./services-config.ts";

interface Options {
  readonly config?: string;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next?: string | undefined;
  readonly skipped?: true | undefined;
}

/** One real request to every part. */
export const addDoctor: AddCommand = (parent, context) => {
  parent
    .command("doctor")
    .description("one real request to every part: what is wrong, and what to do")
    .option(
      "-c, --config <file>",
      "ask from here, as a service with this configuration would, instead of through the gateway",
    )
    .action(async (options: Options) => {
      const checks =
        options.config === undefined ? await ask(context) : await look(context, options);
      const failed = checks.filter((check) => !check.ok).length;
      if (failed === 0) return;
      throw new CommandFailure(`${failed} of ${checks.length} parts failed`, {
        exitCode: exitCodes.refused,
      });
    });
};

const ask = async (context: Context): Promise<readonly Check[]> => {
  const call = { route: apiRoutes.health.doctor };
  return (await answer(context, call, ({ checks }) => shown(context, checks))).checks;
};

const look = async (context: Context, options: Options): Promise<readonly Check[]> => {
  const { doctorServices } = await import("@rekey/app");
  context.terminal.status("asking every part …");
  const setup = servicesSetup(context, options);
  const checks = await doctorServices(setup).finally(() => context.terminal.status(""));
  if (context.wantsJson()) context.terminal.json({ ok: checks.every(({ ok }) => ok), checks });
  else context.terminal.line(shown(context, checks));
  return checks;
};

const shown = ({ terminal: { paint, width } }: Context, checks: readonly Check[]): string => {
  const mark = (check: Check): string => markOf(check, paint);
  const wide = table(
    ["part", "", "found", "next"],
    checks.map((check) => [check.name, mark(check), check.found, check.next ?? ""]),
  );
  const columns = width() ?? Infinity;
  if (wide.split("\n").every((line) => widthOf(line) <= columns)) return wide;
  const rows = checks.map((check) => ({
    cells: [check.name, mark(check)],
    texts: [check.found, ...(check.next === undefined ? [] : [`next: ${check.next}`])],
  }));
  return hanging([{ cells: ["part", ""], texts: ["found"] }, ...rows], columns);
};

/** What is well and still says what to do would be better otherwise. */
const markOf = (
  { ok, next, skipped }: Pick<Check, "ok" | "next" | "skipped">,
  paint: Context["terminal"]["paint"],
): string => {
  if (skipped === true) return "–";
  if (!ok) return paint.bad("failed");
  return next === undefined ? paint.good("ok") : paint.warn("warning");
};
